"""Every test can fail: it asserts, expects an error, or hands over to a helper that does."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXPECTING = ("raises", "warns", "assert_", "fail")
PASSES = {
    ("test_contract.py", "test_what_is_right_passes"),  # no error is the statement
    ("test_kinds.py", "test_closed_standard_error_is_no_fault"),
    ("test_progress.py", "test_a_closed_standard_error_stops_nothing"),
    ("test_explorer.py", "test_nothing_to_improve"),
    ("test_docs.py", "test_python_blocks_run"),
    ("test_simulated_shards.py", "test_files_are_mapped_and_not_read"),  # the type is the statement
    ("test_lift.py", "test_bad_models_are_named"),  # by a local function that expects an error
}


def called(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def says_nothing(test):
    """Whether an assertion holds whatever the values are."""
    if isinstance(test, ast.BoolOp):
        return all(says_nothing(part) for part in test.values)
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Call):
        return getattr(test.func, "id", "") in ("isinstance", "callable", "hasattr")
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        right = test.comparators[0]
        none = isinstance(right, ast.Constant) and right.value is None
        is_other = isinstance(test.ops[0], ast.IsNot) and none
        return is_other or ast.dump(test.left) == ast.dump(right)
    return False


def weak(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    asserting = {
        function.name
        for function in functions
        if any(isinstance(node, ast.Assert) for node in ast.walk(function))
        or any(name.startswith(EXPECTING) for name in called(function))
    }
    for function in functions:
        if not function.name.startswith("test_"):
            continue
        asserts = [node for node in ast.walk(function) if isinstance(node, ast.Assert)]
        own = {argument.arg for argument in function.args.args} | set(called(function))
        helped = any(name.startswith(EXPECTING) for name in own) or own & asserting
        if not helped and all(says_nothing(node.test) for node in asserts):
            yield function.name


@pytest.mark.parametrize("path", sorted(HERE.rglob("test_*.py")), ids=lambda path: path.name)
def test_no_test_is_without_a_statement(path):
    found = {(path.name, name) for name in weak(path)}
    assert found <= PASSES, found - PASSES


def test_the_hunt_finds_what_it_is_for(tmp_path):
    path = tmp_path / "test_x.py"
    path.write_text(
        "def test_a():\n    work()\n"
        "def test_b():\n    assert isinstance(work(), Figure)\n"
        "def test_c():\n    assert work() == work()\n"
        "def test_d():\n    assert work() is not None and True\n"
        "def test_e():\n    assert work() == 3\n"
        "def test_f():\n    with pytest.raises(ValueError):\n        work()\n"
    )
    assert list(weak(path)) == ["test_a", "test_b", "test_c", "test_d"]


def test_no_file_names_a_folder_of_one_machine():
    """Tests find shared data by `shared_data`, programs are told their folders."""
    machine = "/" + "work/"
    root = HERE.parent
    for folder in ("src", "tests", "benchmarks", "examples"):
        for path in (root / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert f'"{machine}' not in text, path
            assert '"/tmp' not in text or folder == "tests", path
