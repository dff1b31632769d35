"""The style sheet of the card's page. Its colours keep a contrast of 4.5 : 1 or more in both modes."""

STYLE = """
:root{--paper:#fff;--ink:#1b1f24;--quiet:#57606a;--rule:#d0d7de;--band:#f6f8fa;--blue:#0b5cad;--red:#b42318;--warn:#fff4e5}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--quiet:#9ea7b3;--rule:#3d444d;--band:#161b22;
--blue:#6cb6ff;--red:#ff8e7f;--warn:#3a2a12}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.75rem;margin:0 0 1rem}
h2{font-size:1.2rem;margin:2.25rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
p,ul{max-width:46rem;margin:.5rem 0;overflow-wrap:anywhere}
li{margin:.25rem 0}
.wide{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.92rem}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th{font-weight:600}
thead th{color:var(--quiet);white-space:nowrap}
tbody th{white-space:nowrap;padding-right:1.5rem}
td{overflow-wrap:anywhere;min-width:9rem}
.number{text-align:right;white-space:nowrap;min-width:0;font-variant-numeric:tabular-nums;padding-left:1rem}
.flagged>*{background:var(--warn)}
figure{margin:.75rem 0;max-width:42rem}
svg{display:block;width:100%;height:auto}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--blue)}
svg text{fill:var(--ink);font:13px system-ui,-apple-system,"Segoe UI",sans-serif}
svg .headline{font-size:15px;font-weight:600}
svg .tick{font-size:12px;fill:var(--quiet)}
svg .middle{text-anchor:middle}
svg .end{text-anchor:end}
svg .grid{stroke:var(--rule);stroke-width:.75}
svg .axis{stroke:var(--quiet);stroke-width:1.25}
svg .reference{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:2 4}
svg .curve{fill:none;stroke:var(--blue);stroke-width:2.25;stroke-linejoin:round}
svg .point{fill:var(--red);stroke:var(--paper);stroke-width:1.5}
svg .seen{stroke:var(--paper);stroke-width:1.5;fill:var(--blue)}
svg .hollow{fill:var(--paper);stroke:var(--blue);stroke-width:2}
svg .interval{stroke:var(--blue);stroke-width:1.75;opacity:.6}
svg .threshold{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:6 4}
svg .legitimate{fill:var(--blue)}
svg .fraud{fill:var(--red)}
@media(max-width:40rem){tbody th{white-space:normal}}
@media print{details{display:none}main{max-width:none}}
""".replace("\n", "")
