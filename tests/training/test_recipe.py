import tomllib
from pathlib import Path

import pytest

from standfirst.errors import RecipeError
from standfirst.settings import from_table
from training.recipe import ContextRecipe, FitRecipe, Recipe, load_encoder_recipe, load_recipe

RECIPES = Path(__file__).resolve().parents[2] / "training" / "recipes"
LEAST = 'name = "r"\nlabels = "l.toml"\n[data]\ntrain = ["a.jsonl"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_recipes_load():
    topics = load_recipe(RECIPES / "topics.toml")
    assert topics.labels == "../labels/topics.toml"
    assert topics.threads == 1
    summary = load_encoder_recipe(RECIPES / "encoder.toml")
    assert summary.encoder == topics.encoder
    assert summary.sha256 == topics.sha256
    assert len(topics.sha256) == 64


def test_the_mark_that_an_editor_puts_in_front_is_no_error(tmp_path: Path):
    path = tmp_path / "recipe.toml"
    path.write_text(LEAST, encoding="utf-8-sig")
    assert load_recipe(path).name == "r"


def test_what_is_not_said_takes_its_default(tmp_path: Path):
    recipe = load_recipe(written(tmp_path, LEAST))
    assert (recipe.context, recipe.fit) == (ContextRecipe(), FitRecipe())
    assert recipe.data.train == ("a.jsonl",)


def test_a_logistic_head_needs_no_epoch(tmp_path: Path):
    recipe = load_recipe(written(tmp_path, LEAST + '[contrast]\nepochs = 3\n[fit]\nepochs = 0\nhead = "logistic"\n'))
    assert (recipe.contrast.epochs, recipe.fit.epochs, recipe.fit.average_last) == (3, 0, 1)


def test_a_resolved_recipe_reads_back_as_itself(tmp_path: Path):
    recipe = load_recipe(written(tmp_path, LEAST + "[fit]\nlearning_rate = 1\n"))
    assert recipe.fit.learning_rate == 1.0
    assert from_table(Recipe, recipe.to_dict(), "again") == recipe


def test_an_encoder_folder_is_relative_to_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "home" / "tiny").mkdir(parents=True)
    (tmp_path / "elsewhere" / "other").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    for name, encoder in (("tiny", str(tmp_path / "home" / "tiny")), ("other", "other"), ("package:x", "package:x")):
        path = written(tmp_path / "home", f'encoder = "{name}"\n{LEAST}')
        assert load_recipe(path).encoder == encoder
        alone = written(tmp_path / "home", f'name = "e"\nencoder = "{name}"\n')
        assert load_encoder_recipe(alone).encoder == encoder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LEAST + "[fit]\nlearnin_rate = 1e-3\n", r"unknown key 'learnin_rate'; did you mean 'learning_rate'\?"),
        (LEAST + 'separater = ";"\n', r"unknown key 'separater'; did you mean 'separator'\?"),
        (LEAST + "[fit]\nxyzzy = 1\n", "unknown key 'xyzzy'; known keys: average_last, batch_size"),
        ('name = "r"\n[data]\ntrain = []\n', "the key 'labels' is missing"),
        (LEAST + "[fit]\nepochs = 2.5\n", r"recipe\.toml\.fit\.epochs: expected int, got float"),
        (LEAST + '[fit]\nepochs = "2"\n', "expected int, got str"),
        (LEAST + "[fit]\nepochs = true\n", "expected int, got bool"),
        (LEAST.replace('["a.jsonl"]', '"a.jsonl"'), "expected list, got str"),
        (LEAST.replace('["a.jsonl"]', "[]"), "data.train names no file"),
        (LEAST + 'hold_out_from = "1 May"\n', r"data\.hold_out_from = '1 May'; expected a date: \"2023-01-31\""),
        (LEAST + 'dev_by = "chance"\n', "data.dev_by is 'auto', 'document' or 'time'"),
        (LEAST + "hold_out_sources = [1]\n", r"data\.hold_out_sources\[0\]: expected str, got int"),
        (LEAST + "fit = 3\n", "unknown key 'fit'"),
        ("fit = 3\n" + LEAST, "expected a table, got int"),
        ("name =\n", r"recipe\.toml: the recipe is no TOML"),
        (LEAST + '[fit]\nhead = "ridge"\n', "fit.head is 'random' or 'logistic'"),
        (LEAST + '[fit]\npooling = "max"\n', "fit.pooling is 'mean' or 'log_mean_exp'"),
        (LEAST + '[fit]\npooling = "log_mean_exp"\nhead = "logistic"\n', "a logistic head reads the mean"),
        (LEAST + "[fit]\nepochs = 0\n", "fit.epochs = 0; expected 1 to 1000"),
        (LEAST + '[fit]\nepochs = 0\nhead = "logistics"\n', "fit.head is 'random' or 'logistic'"),
        (LEAST + "[contrast]\nbatch_size = 1\n", "contrast.batch_size = 1; expected 2 to 4096"),
        (LEAST + '[fit]\nwindows = "median"\n', "fit.windows = 'median'; expected 'highest' or 'mean'"),
        (LEAST + '[fit]\nsecond_labels = "both"\n', "fit.second_labels is 'first' or 'mean'"),
    ],
)
def test_a_wrong_recipe_is_refused_and_the_message_helps(tmp_path: Path, text: str, message: str):
    with pytest.raises(RecipeError, match=message):
        load_recipe(written(tmp_path, text))


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("data", "dev_share = 0.95", r"data.dev_share = 0.95; expected 0.01 to 0.9"),
        ("context", "none = 1.5", "context.none = 1.5"),
        ("context", "none = 0.7\nstranger = 0.4", r"context.stranger = 0.4; expected 0.0 to 0.3$"),
        ("context", "max_tokens = 300", "context.max_tokens = 300; expected 0 to 256"),
        ("fit", "max_tokens = 32", "fit.max_tokens = 32; expected 40 or more beside context.max_tokens = 32"),
        ("fit", "max_tokens = 4", "fit.max_tokens = 4; expected 8 to 512"),
        ("fit", "epochs = 0", "fit.epochs = 0; expected 1 to 1000"),
        ("fit", "learning_rate = nan", "fit.learning_rate = nan"),
        ("fit", "layer_decay = 1.1", "fit.layer_decay = 1.1"),
        ("fit", "weight_decay = -0.1", "fit.weight_decay = -0.1"),
        ("fit", "label_smoothing = 0.5", "fit.label_smoothing"),
        ("fit", "epochs = 3\naverage_last = 4", "fit.average_last = 4; expected 1 to 3"),
    ],
)
def test_a_value_out_of_range_is_refused(tmp_path: Path, table: str, line: str, message: str):
    text = LEAST + (f"{line}\n" if table == "data" else f"[{table}]\n{line}\n")
    with pytest.raises(RecipeError, match=message):
        load_recipe(written(tmp_path, text))


@pytest.mark.parametrize("line", ["seed = -1", "threads = 0"])
def test_a_number_of_the_run_out_of_range_is_refused(tmp_path: Path, line: str):
    with pytest.raises(RecipeError, match=line):
        load_recipe(written(tmp_path, f"{line}\n{LEAST}"))


@pytest.mark.parametrize(("none", "stranger"), [(0.9, 0.1), (0.35, 0.65), (1.0, 0.0)])
def test_shares_that_add_up_to_one_are_taken(tmp_path: Path, none: float, stranger: float):
    text = f"{LEAST}[context]\nnone = {none}\nstranger = {stranger}\n"
    assert load_recipe(written(tmp_path, text)).context.stranger == stranger


def test_a_missing_recipe_and_one_that_is_no_text(tmp_path: Path):
    with pytest.raises(RecipeError, match=r"nothing\.toml: there is no such recipe"):
        load_recipe(tmp_path / "nothing.toml")
    path = tmp_path / "recipe.toml"
    path.write_bytes(b'name = "\xff"\n')
    with pytest.raises(RecipeError, match="no TOML"):
        load_recipe(path)


def test_an_encoder_recipe_takes_no_training_keys(tmp_path: Path):
    with pytest.raises(RecipeError, match="unknown key"):
        load_encoder_recipe(written(tmp_path, LEAST))
    table = tomllib.loads((RECIPES / "encoder.toml").read_text(encoding="utf-8"))
    assert set(table) <= {"name", "description", "encoder", "sha256", "revision"}
