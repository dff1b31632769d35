"""Pickles that would run, read, write or reach something if a loader let them."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.hostile.case import Hostile, call, dotted, dumped, further, many, name, number, pickled, text
from tests.hostile.honest import forest


class Shell:
    """Runs a command wherever it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


def gadgets(canary: str) -> Iterator[Hostile]:
    """Every way to run code that we know, each leaving a file in `canary` if it works."""
    for names, arguments in _calls(canary):
        cases = [Hostile(f"call {full}", pickled(call(name(full), *arguments)), full) for full in names]
        yield cases[0]
        yield from further(cases[1:])
    for label, body, words in _chains(canary):
        yield Hostile(label, pickled(body, 4), words)
    yield from _hidden(f"touch {canary}/hidden")


def _calls(canary: str) -> Iterator[tuple[tuple[str, ...], tuple[bytes, ...]]]:
    """Names that are called with the same arguments."""
    file, command, code = (
        text(f"{canary}/file"),
        text(f"touch {canary}/command"),
        text(f"open({canary + '/code'!r}, 'w')"),
    )
    words, address = many(text("touch"), file), text("http://127.0.0.1:1/")
    yield (
        ("os.system", "posix.system", "nt.system", "os.popen", "subprocess.getoutput", "commands.getoutput"),
        (command,),
    )
    yield ("subprocess.Popen", "subprocess.check_output", "subprocess.run", "pty.spawn"), (words,)
    yield ("os.execvp", "os.posix_spawnp", "os.spawnvp"), (text("touch"), words)
    yield ("builtins.eval", "__builtin__.eval", "timeit.timeit", "numpy.f2py.crackfortran.myeval"), (code,)
    yield ("builtins.exec", "__builtin__.exec", "cProfile.run", "profile.run", "pdb.run", "bdb.Bdb"), (code,)
    yield ("numpy.testing._private.utils.runstring", "code.interact", "doctest.debug_script"), (code, b"}")
    yield ("pip._internal.cli.main.main", "numpy.f2py.main", "ensurepip._run_pip"), (words,)
    yield ("builtins.open", "io.open", "codecs.open", "_io.FileIO", "logging.FileHandler"), (file, text("w"))
    yield ("os.mkdir", "os.makedirs", "os.remove", "os.chdir", "shutil.rmtree"), (text(canary),)
    yield ("numpy.save", "numpy.savetxt", "numpy.savez", "numpy.memmap", "numpy.lib.npyio.DataSource"), (file, b"]")
    yield ("joblib.dump", "joblib.memory.Memory", "joblib._memmapping_reducer.TemporaryResourcesManager"), (b"]", file)
    yield ("numpy.load", "numpy.fromfile", "numpy.loadtxt", "numpy.ctypeslib.load_library"), (file,)
    yield ("joblib.load", "joblib.numpy_pickle.load", "joblib.numpy_pickle_compat.read_zfile"), (file,)
    yield ("joblib.numpy_pickle_utils._read_fileobject", "sklearn.datasets._base.load_files"), (file,)
    yield ("pickle.loads", "_pickle.loads", "marshal.loads", "joblib.externals.cloudpickle.loads"), (b"U\x01.",)
    yield ("importlib.import_module", "builtins.__import__", "runpy.run_module", "pkgutil.resolve_name"), (text("os"),)
    yield ("joblib.externals.cloudpickle.cloudpickle.subimport", "pydoc.locate", "ctypes.CDLL"), (text("os"),)
    yield ("socket.create_connection", "urllib.request.urlopen", "webbrowser.open", "ftplib.FTP"), (address,)
    yield ("os._exit", "os.abort", "sys.exit", "time.sleep", "signal.alarm", "resource.setrlimit"), (number(3600),)


def _chains(canary: str) -> Iterator[tuple[str, bytes, str]]:
    command = text(f"touch {canary}/chain")
    module = call(name("importlib.import_module"), text("os"))
    system = call(name("builtins.getattr"), module, text("system"))
    yield "getattr of an imported module", call(system, command), "importlib.import_module"
    yield (
        "getattr of an allowed class",
        call(name("builtins.getattr"), name("sklearn.pipeline.Pipeline"), text("__init__.__globals__")),
        "builtins.getattr",
    )
    yield (
        "getattr of a forged model",
        call(name("builtins.getattr"), _bare_hist(), text("__class__")),
        "builtins.getattr",
    )
    yield "functools.partial", call(call(name("functools.partial"), name("os.system"), command)), "os.system"
    yield "operator.attrgetter", call(call(name("operator.attrgetter"), text("system")), module), "operator.attrgetter"
    yield (
        "operator.methodcaller",
        call(call(name("operator.methodcaller"), text("system"), command), module),
        "operator.methodcaller",
    )
    yield "sys.modules", name("sys.modules") + text("json") + text("poisoned") + b"s", "sys.modules"
    yield (
        "a dotted name in an allowed module",
        call(dotted("sklearn.pipeline", "Pipeline.__init__.__globals__"), command),
        "Pipeline.__init__",
    )
    yield "a dotted name through numpy", call(dotted("numpy", "testing.runstring"), command), "numpy.testing.runstring"
    yield "a code object", call(name("types.CodeType"), number(0)), "types.CodeType"
    yield "a module that is not there", call(name("no_such_module.function"), command), "no_such_module.function"
    yield "a name of letters that look alike", name("\u043es.system"), "system"
    yield "a name with a line break", text("os\nsystem") + text("x") + b"\x93", "nsystem.x"


def _bare_hist() -> bytes:
    kind = name("sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier")
    return kind + b")\x81"


def _hidden(command: str) -> Iterator[Hostile]:
    shell = Shell(command)
    yield Hostile("a command in an array of objects", dumped(np.array([shell], dtype=object)), "posix.system")
    yield Hostile(
        "a command in an array in an array",
        dumped(np.array([np.array([shell], dtype=object), 1], dtype=object)),
        "posix.system",
    )
    yield Hostile(
        "a command in a bundle's metadata",
        dumped({"models": {"m": forest()}, "metadata": {"x": shell}}),
        "posix.system",
    )
    model = forest()
    model.secret_ = shell
    yield Hostile("a command among a forest's attributes", dumped(model), "posix.system")
    model = forest()
    model.estimators_[3].tree_ = shell
    yield Hostile("a command in the place of a tree", dumped(model), "posix.system")
    yield Hostile("a command after an honest forest", dumped(forest()) + dumped(shell), "bytes follow the pickle")
