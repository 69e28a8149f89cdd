from pathlib import Path

from core.catalogues import Sentence, extract, read, update_catalogue

CLOSE, DAYS, ACCEPT = Sentence("Close"), Sentence("%(n)s day", "%(n)s days"), Sentence("accept", about="an order")


def test_sentences_are_found_in_code_and_in_pages(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text('LATE = Reason("a.late", N_("Too late: {day}."))')
    (tmp_path / "page.html").write_text(
        '{{ _("Close") }}{{ pgettext("an order", "accept") }}'
        "{% trans n=3 %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}"
    )
    assert extract(tmp_path) == {Sentence("Too late: {day}."), CLOSE, DAYS, ACCEPT}
    assert extract(tmp_path / "page.html") == {CLOSE, DAYS, ACCEPT}


def test_translations_survive_and_return(tmp_path: Path) -> None:
    file = tmp_path / "locale" / "zh_Hans" / "messages.po"
    assert update_catalogue(tmp_path, [CLOSE, DAYS, ACCEPT]) == 3
    written = file.read_text(encoding="utf-8")
    written = written.replace('msgid "Close"\nmsgstr ""', 'msgid "Close"\nmsgstr "关闭"')
    written = written.replace('msgid "accept"\nmsgstr ""', 'msgid "accept"\nmsgstr "接单"')
    file.write_text(written, encoding="utf-8")
    assert update_catalogue(tmp_path, [CLOSE, DAYS]) == 1
    assert '#~ msgstr "接单"' in file.read_text(encoding="utf-8")
    assert update_catalogue(tmp_path, [CLOSE, DAYS, ACCEPT]) == 1
    assert (read(file)[CLOSE], read(file)[ACCEPT]) == ("关闭", "接单")
    before = file.read_bytes()
    update_catalogue(tmp_path, [ACCEPT, DAYS, CLOSE])
    assert file.read_bytes() == before


def test_traditional_is_generated_and_corrections_win(tmp_path: Path) -> None:
    simplified = tmp_path / "locale" / "zh_Hans" / "messages.po"
    traditional = tmp_path / "locale" / "zh_Hant"
    simplified.parent.mkdir(parents=True)
    traditional.mkdir()
    simplified.write_text('msgid "Close {n}"\nmsgstr "关闭{n}"\n\nmsgid "Services"\nmsgstr "服务"\n', encoding="utf-8")
    (traditional / "corrections.po").write_text('msgid "Services"\nmsgstr "幫扶"\n', encoding="utf-8")
    update_catalogue(tmp_path, [Sentence("Close {n}"), Sentence("Services")])
    said = read(traditional / "messages.po")
    assert said == {Sentence("Close {n}"): "關閉{n}", Sentence("Services"): "幫扶"}
