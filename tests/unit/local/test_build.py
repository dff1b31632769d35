from pathlib import Path

from local.build import fingerprint, zip_layers
from local.place import Place
from local.sizes import directory_size, sizes, too_big


def a_clone(root: Path) -> Place:
    (root / "functions" / "predict").mkdir(parents=True)
    (root / "layers" / "fraud" / "fraud" / "__pycache__").mkdir(parents=True)
    (root / "template.yaml").write_text("Resources: {}\n")
    (root / "functions" / "predict" / "app.py").write_text("pass\n")
    (root / "layers" / "fraud" / "fraud" / "errors.py").write_text("pass\n")
    return Place(root, root / ".local", 4566)


def test_the_fingerprint_changes_with_a_source_and_only_then(tmp_path: Path) -> None:
    # GIVEN a clone
    place = a_clone(tmp_path)
    before = fingerprint(place)
    # WHEN something that is not deployed changes / THEN the fingerprint stays
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "layers" / "fraud" / "fraud" / "__pycache__" / "errors.pyc").write_bytes(b"1")
    assert fingerprint(place) == before
    # WHEN a source changes, or only its name / THEN it does not
    (tmp_path / "functions" / "predict" / "app.py").rename(tmp_path / "functions" / "predict" / "main.py")
    assert fingerprint(place) != before


def a_build(directory: Path) -> Path:
    (directory / "PredictFunction").mkdir(parents=True)
    (directory / "FraudLayer" / "python").mkdir(parents=True)
    (directory / "PredictFunction" / "app.py").write_bytes(b"x" * 100)
    (directory / "FraudLayer" / "python" / "lib.py").write_bytes(b"x" * 1000)
    template = directory / "template.yaml"
    template.write_text("""Resources:
  FraudLayer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: FraudLayer
  PredictFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: PredictFunction
      Layers:
      - !Ref FraudLayer
""")
    return template


def test_a_function_weighs_its_code_and_its_layers(tmp_path: Path) -> None:
    # GIVEN a build / WHEN it is weighed / THEN layers count
    template = a_build(tmp_path)
    assert sizes(template) == {"PredictFunction": (1100, ["FraudLayer"])}


def test_a_function_over_its_limit_is_named(tmp_path: Path) -> None:
    # GIVEN predict just above its own limit, deploy as large but below Lambda's
    measured: dict[str, tuple[int, list[str]]] = {
        "PredictFunction": (30_000_001, []),
        "DeployFunction": (30_000_001, []),
    }
    # WHEN the limits are applied / THEN only predict is too big
    assert too_big(measured) == ["PredictFunction"]


def test_layers_are_handed_to_sam_as_zips(tmp_path: Path) -> None:
    # GIVEN a build of the laptop
    place = Place(tmp_path, tmp_path, 4566)
    template = a_build(tmp_path / "build")
    # WHEN its layers are zipped / THEN the template names the zips, functions stay folders
    zip_layers(place)
    assert "ContentUri: FraudLayer.zip\n" in template.read_text()
    assert "CodeUri: PredictFunction\n" in template.read_text()
    assert 0 < directory_size(tmp_path / "build") < 3000
    assert (tmp_path / "build" / "FraudLayer.zip").exists()
