/* Scores rows by trees, and says which columns their answers come from.

   Called through ctypes by fraud.scoring.packed.kernel with tables that fraud.scoring.packed.nodes has checked:
   every index is in bounds, children come after their parents, no path is longer than 512 splits, every number is
   finite. Every answer is bit-equal to that of the Python walker: comparisons and sums run in its order, nothing is
   fused (-ffp-contract=off) or reordered. It allocates nothing and calls no library. */

#include <stddef.h>
#include <stdint.h>

enum { VERSION = 4, LANES = 8, BLOCK = 64 };
enum { LEAF, SPLIT, CHOICE }; /* a leaf's is 0, a split's 1: see `step` */

/* Four quadrature points, for processors that take several at once. */
typedef double Points __attribute__((vector_size(32), aligned(8)));

typedef struct {
    double test;     /* threshold of a split, number of a choice's set, answer of a leaf */
    int32_t left;    /* the right child is the next one; a leaf points to itself */
    int16_t feature; /* of a leaf: 0 */
    int16_t kind;
} Node;

typedef struct {
    const Node *nodes;
    const int32_t *roots;
    const double *share;      /* by node: the part of its parent's training weight that reached it */
    const int32_t *set_start; /* NULL when no split asks for a set of values */
    const double *set_value;  /* rising within each set */
    const int32_t *groups;    /* by tree: how many groups of quadrature points its paths need */
    const int32_t *rule;      /* by tree: where its points begin in `at` and `weight` */
    const Points *at, *weight; /* Gauss-Legendre on [0, 1] */
    const Points *without;     /* 1 / (1 - at) */
    int64_t trees, width;
    double base, divisor;
    int32_t narrow; /* sums are rounded to float32 step by step */
} Table;

#define ALWAYS_INLINE static inline __attribute__((always_inline))

int32_t kernel_version(void) { return VERSION; }

/* Whether a sorted set holds a value. */
static int holds(const Table *t, int32_t set, double x) {
    int32_t low = t->set_start[set], high = t->set_start[set + 1];
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (t->set_value[middle] < x) low = middle + 1;
        else high = middle;
    }
    return low < t->set_start[set + 1] && t->set_value[low] == x;
}

typedef enum { COMPARING, CHOOSING } Kind;

static Kind kind_of(const Table *t) { return t->set_start ? CHOOSING : COMPARING; }

/* 0 when the row goes to the left child of a split, else 1; NaN goes right. */
ALWAYS_INLINE int side(const Table *t, const Node *n, const double *x, Kind kind) {
    double value = x[n->feature];
    if (kind == CHOOSING && n->kind == CHOICE) return !holds(t, (int32_t)n->test, value);
    return !(value <= n->test);
}

ALWAYS_INLINE int32_t step(const Table *t, int32_t at, const double *x, Kind kind) {
    const Node *n = t->nodes + at;
    int inner = kind == COMPARING ? n->kind : n->kind != LEAF; /* of those that only compare it is 0 or 1 */
    return n->left + (inner & side(t, n, x, kind));
}

ALWAYS_INLINE double plus(const Table *t, double total, double leaf) {
    return t->narrow ? (double)(float)(total + leaf) : total + leaf;
}

/* Lanes walk in step: a lane that arrived waits in its leaf. */
ALWAYS_INLINE void walk(const Table *t, int32_t *at, const double *const *x, int lanes, Kind kind) {
    int32_t moved;
    do {
        moved = 0;
        for (int lane = 0; lane < lanes; lane++) {
            int32_t next = step(t, at[lane], x[lane], kind);
            moved |= next ^ at[lane];
            at[lane] = next;
        }
    } while (moved);
}

/* One row, eight trees at a time. */
ALWAYS_INLINE double one(const Table *t, const double *x, Kind kind) {
    double total = t->base;
    const double *rows[LANES];
    for (int lane = 0; lane < LANES; lane++) rows[lane] = x;
    for (int64_t tree = 0; tree < t->trees; tree += LANES) {
        int32_t at[LANES];
        int lanes = t->trees - tree < LANES ? (int)(t->trees - tree) : LANES;
        for (int lane = 0; lane < LANES; lane++) at[lane] = t->roots[tree + (lane < lanes ? lane : 0)];
        walk(t, at, rows, LANES, kind);
        for (int lane = 0; lane < lanes; lane++) total = plus(t, total, t->nodes[at[lane]].test);
    }
    return total / t->divisor;
}

/* Eight rows through one tree at a time; a tree stays in the cache for a block of rows. */
ALWAYS_INLINE void block(const Table *t, const double *x, int64_t count, double *out, Kind kind) {
    for (int64_t row = 0; row < count; row++) out[row] = t->base;
    for (int64_t tree = 0; tree < t->trees; tree++)
        for (int64_t row = 0; row < count; row += LANES) {
            int32_t at[LANES];
            const double *rows[LANES];
            int lanes = count - row < LANES ? (int)(count - row) : LANES;
            for (int lane = 0; lane < LANES; lane++) {
                at[lane] = t->roots[tree];
                rows[lane] = x + (row + (lane < lanes ? lane : 0)) * t->width;
            }
            walk(t, at, rows, LANES, kind);
            for (int lane = 0; lane < lanes; lane++)
                out[row + lane] = plus(t, out[row + lane], t->nodes[at[lane]].test);
        }
    for (int64_t row = 0; row < count; row++) out[row] /= t->divisor;
}

double kernel_score(const Table *t, const double *x) {
    return kind_of(t) == CHOOSING ? one(t, x, CHOOSING) : one(t, x, COMPARING);
}

void kernel_score_rows(const Table *t, const double *x, int64_t count, double *out) {
    for (int64_t row = 0; row < count; row += BLOCK) {
        int64_t rows = count - row < BLOCK ? count - row : BLOCK;
        const double *first = x + row * t->width;
        if (kind_of(t) == CHOOSING) block(t, first, rows, out + row, CHOOSING);
        else block(t, first, rows, out + row, COMPARING);
    }
}

/* The float32 beside a finite or infinite one, in either direction. */
static float beside(float f, int up) {
    union { float number; uint32_t bits; } u = {f};
    if (f == 0.0f) u.bits = up ? 1u : 0x80000001u;
    else u.bits += (f > 0.0f) == up ? 1u : -1u;
    return u.number;
}

/* The threshold that float64 numbers pass exactly when, rounded to float32, they pass the given one: rounding keeps the
   order, so it lies half way between the last float32 below and the next. Too large a number is infinity. */
static double before_rounding(double threshold) {
    const double beyond = 0x1p128; /* what stands for infinity half way to it */
    float last = (float)threshold;
    if ((double)last > threshold) last = beside(last, 0);
    float next = beside(last, 1);
    double low = last < -0x1.fffffep127f ? -beyond : (double)last, high = next > 0x1.fffffep127f ? beyond : (double)next;
    union { float number; uint32_t bits; } even = {last};
    union { double number; uint64_t bits; } half = {low + (high - low) / 2.0};
    if (even.bits & 1) half.bits += half.number > 0.0 ? (uint64_t)-1 : 1; /* the middle itself rounds up */
    return half.number;
}

/* Nodes level by level, children side by side; `place` (one a node) is where the caller finds each one's old index.
   `single`: rows are to be rounded to float32 before they are compared. `choice` and `cover` may be NULL. */
void kernel_layout(
    int32_t single, int64_t trees, const int32_t *root, const int16_t *feature, const double *value, const int32_t *left,
    const int32_t *right, const int32_t *choice, const double *cover, int32_t *place, Node *nodes, int32_t *roots,
    double *share) {
    int32_t end = 0;
    for (int64_t tree = 0; tree < trees; tree++) {
        roots[tree] = end;
        share[end] = 1.0;
        place[end++] = root[tree];
        for (int32_t at = roots[tree]; at < end; at++) {
            int32_t old = place[at];
            Node *n = nodes + at;
            n->test = value[old];
            n->left = at;
            n->feature = 0;
            n->kind = LEAF;
            if (feature[old] < 0) continue;
            n->feature = feature[old];
            n->kind = SPLIT;
            if (single) n->test = before_rounding(n->test);
            if (choice && choice[old] >= 0) {
                n->kind = CHOICE;
                n->test = (double)choice[old];
            }
            n->left = end;
            double both = cover ? cover[left[old]] + cover[right[old]] : 1.0;
            for (int right_side = 0; right_side < 2; right_side++) {
                int32_t child = right_side ? right[old] : left[old];
                share[end] = cover ? cover[child] / both : 0.5;
                place[end++] = child;
            }
        }
    }
}

/* The mean answer of a subtree over its training rows. */
static double mean(const Table *t, int32_t at) {
    const Node *n = t->nodes + at;
    if (n->kind == LEAF) return n->test;
    return t->share[n->left] * mean(t, n->left) + t->share[n->left + 1] * mean(t, n->left + 1);
}

/* The most distinct columns on one path; `seen` counts by column and is left as found. */
static int32_t distinct(const Table *t, int32_t at, int32_t *seen) {
    const Node *n = t->nodes + at;
    if (n->kind == LEAF) return 0;
    int32_t fresh = seen[n->feature]++ == 0;
    int32_t low = distinct(t, n->left, seen), high = distinct(t, n->left + 1, seen);
    seen[n->feature]--;
    return fresh + (low > high ? low : high);
}

/* The mean answer over the training rows; fills `distinct_columns` (one a tree). `seen`: zeros, one a column. */
double kernel_measure(const Table *t, int32_t *seen, int32_t *distinct_columns) {
    double total = t->base;
    for (int64_t tree = 0; tree < t->trees; tree++) {
        total += mean(t, t->roots[tree]);
        distinct_columns[tree] = distinct(t, t->roots[tree], seen);
    }
    return total / t->divisor;
}

/* Path-dependent TreeSHAP (Lundberg et al. 2020) as an integral. A leaf of value v whose path needs the columns i, each
   met (o = 1) or not by the row and met by a part z of the training rows, gives column i
       v (o_i - z_i) * integral from 0 to 1 over the product of (o_j t + z_j (1 - t)) over the other columns j,
   a polynomial in t, which Gauss-Legendre quadrature integrates exactly. Going down, `weight` holds the product so far
   at each point; coming back, the sum of its leaves is what a split's column collects. A column needed again replaces
   its earlier factor, which is taken out.

   (The integral is that of the multilinear extension of the game: Owen, "Multilinear extensions of games", 1972.) */

typedef struct {
    double part;           /* z of the column on this path; 1 where it has not been met */
    const Points *inverse; /* 1 / (t + z (1 - t)) at each point; NULL where the column has not been met */
    int32_t unmet;         /* o is 0 */
} Column;

typedef struct {
    const Table *t;
    const double *x;
    const Points *at, *without;
    Points *gained; /* by column; its four numbers are to be summed */
    Column *columns;
    int groups;
    Kind kind;
} Explainer;

typedef void Descend(const Explainer *, int32_t, const Points *, Points *, Points *);

/* Adds the subtree's contributions; leaves in `sum` the sum of leaf * weight at each point. `frame`: room for four
   sets of points at this level and each below. Where o is 0, o t + z (1 - t) is z (1 - t), which divides out of what
   the column gains; so nothing is gained where it was 0 above, and only where a row goes a factor is inverted. */
ALWAYS_INLINE void explain(
    const Explainer *e, int32_t at, const Points *weight, Points *sum, Points *frame, int groups, Descend *descend) {
    const Node *n = e->t->nodes + at;
    Column *column = e->columns + n->feature;
    const Column earlier = *column;
    Points *rest = frame, *inverse = rest + groups, *below = inverse + groups, *below_sum = below + groups;
    Points *next = below_sum + groups;
    if (earlier.unmet) {
        for (int i = 0; i < groups; i++) sum[i] = (Points){0.0, 0.0, 0.0, 0.0};
        for (int32_t child = n->left; child < n->left + 2; child++) {
            const Node *c = e->t->nodes + child;
            double share = e->t->share[child];
            if (c->kind == LEAF) {
                for (int i = 0; i < groups; i++) sum[i] += c->test * share * weight[i];
                continue;
            }
            for (int i = 0; i < groups; i++) below[i] = share * weight[i];
            descend(e, child, below, below_sum, next);
            for (int i = 0; i < groups; i++) sum[i] += below_sum[i];
        }
        return;
    }
    int right = side(e->t, n, e->x, e->kind);
    int32_t here = n->left + right, away = n->left + !right;
    const Node *met = e->t->nodes + here, *unmet = e->t->nodes + away;
    double part = earlier.part * e->t->share[here], slope = 1.0 - part, part_away = earlier.part * e->t->share[away];
    Points gained = {0.0, 0.0, 0.0, 0.0};
    for (int i = 0; i < groups; i++) rest[i] = earlier.inverse ? weight[i] * earlier.inverse[i] : weight[i];
    if (unmet->kind == LEAF) {
        for (int i = 0; i < groups; i++) {
            Points reached = unmet->test * part_away * rest[i];
            gained -= reached;
            sum[i] = reached * (1.0 - e->at[i]);
        }
    } else {
        for (int i = 0; i < groups; i++) below[i] = part_away * rest[i] * (1.0 - e->at[i]);
        column->unmet = 1;
        descend(e, away, below, sum, next);
        column->unmet = 0;
        for (int i = 0; i < groups; i++) gained -= sum[i] * e->without[i];
    }
    if (met->kind == LEAF) {
        for (int i = 0; i < groups; i++) {
            Points reached = met->test * rest[i];
            gained += slope * reached;
            sum[i] += reached * (part + slope * e->at[i]);
        }
    } else {
        for (int i = 0; i < groups; i++) {
            Points factor = part + slope * e->at[i];
            inverse[i] = 1.0 / factor;
            below[i] = rest[i] * factor;
        }
        column->part = part;
        column->inverse = inverse;
        descend(e, here, below, below_sum, next);
        *column = earlier;
        for (int i = 0; i < groups; i++) {
            gained += slope * below_sum[i] * inverse[i];
            sum[i] += below_sum[i];
        }
    }
    if (earlier.inverse)
        for (int i = 0; i < groups; i++) gained -= (1.0 - earlier.part) * sum[i] * earlier.inverse[i];
    e->gained[n->feature] += gained;
}

/* One for each number of groups most trees need, so that points stay in registers. */
#define DESCEND(NAME, GROUPS)                                                                                   \
    static void NAME(const Explainer *e, int32_t at, const Points *weight, Points *sum, Points *frame) {        \
        explain(e, at, weight, sum, frame, GROUPS, NAME);                                                       \
    }
DESCEND(descend_one, 1)
DESCEND(descend_two, 2)
DESCEND(descend_three, 3)
DESCEND(descend_more, e->groups)

/* The row's contributions into `shares` (one a column). `frame`: 4 * (depth + 2) times the most groups of points,
   `columns` and `gained`: zeros, one a column. */
void kernel_explain(const Table *t, const double *x, double *shares, Points *frame, Column *columns, Points *gained) {
    static Descend *const descend[] = {descend_more, descend_one, descend_two, descend_three};
    for (int64_t column = 0; column < t->width; column++) columns[column].part = 1.0;
    for (int64_t tree = 0; tree < t->trees; tree++) {
        int32_t root = t->roots[tree], groups = t->groups[tree], rule = t->rule[tree];
        if (t->nodes[root].kind == LEAF) continue;
        Explainer e = {t, x, t->at + rule, t->without + rule, gained, columns, groups, kind_of(t)};
        descend[groups < 4 ? groups : 0](&e, root, t->weight + rule, frame, frame + groups);
    }
    for (int64_t column = 0; column < t->width; column++) {
        Points sum = gained[column];
        shares[column] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / t->divisor;
    }
}

/* (x - shift) / scale, by column. */
void kernel_shift_scale(
    const double *x, int64_t count, int64_t width, const double *shift, const double *scale, double *out) {
    for (int64_t row = 0; row < count; row++)
        for (int64_t i = 0; i < width; i++) out[row * width + i] = (x[row * width + i] - shift[i]) / scale[i];
}

/* x * scale + shift, by column, then cut to [low, high] as Python's min and max do. */
void kernel_scale_shift(
    const double *x, int64_t count, int64_t width, const double *scale, const double *shift, double low, double high,
    double *out) {
    for (int64_t row = 0; row < count; row++)
        for (int64_t i = 0; i < width; i++) {
            double moved = x[row * width + i] * scale[i] + shift[i];
            moved = low > moved ? low : moved;
            out[row * width + i] = high < moved ? high : moved;
        }
}

enum { PARTIALS = 64 };
#define NAN __builtin_nan("")

/* The exact sum of weight * x, rounded once (Shewchuk 1997, as Python's fsum); NaN where a number is not finite. */
static double exact_sum(const double *x, const double *weight, int64_t width) {
    double partials[PARTIALS];
    int held = 0;
    for (int64_t column = 0; column < width; column++) {
        double sum = x[column] * weight[column];
        int kept = 0;
        for (int i = 0; i < held; i++) {
            double part = partials[i], larger = sum, smaller = part;
            if ((part < 0 ? -part : part) > (sum < 0 ? -sum : sum)) larger = part, smaller = sum;
            sum = larger + smaller;
            double lost = smaller - (sum - larger);
            if (lost != 0.0) partials[kept++] = lost;
        }
        if (!(sum - sum == 0.0) || kept == PARTIALS) return NAN;
        held = kept;
        if (sum != 0.0) partials[held++] = sum;
    }
    if (held == 0) return 0.0;
    double high = partials[--held], low = 0.0;
    while (held > 0) {
        double before = high, part = partials[--held];
        high = before + part;
        low = part - (high - before);
        if (low != 0.0) break;
    }
    if (held > 0 && low != 0.0 && (low < 0.0) == (partials[held - 1] < 0.0)) { /* half way: what is below decides */
        double twice = low * 2.0, up = high + twice;
        if (twice == up - high) high = up;
    }
    return high;
}

/* intercept + the exact sum of weight * x, by row; NaN where it is not finite. */
void kernel_linear(
    const double *x, int64_t count, int64_t width, const double *weight, double intercept, double *out) {
    for (int64_t row = 0; row < count; row++) out[row] = exact_sum(x + row * width, weight, width) + intercept;
}
