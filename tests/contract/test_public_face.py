"""A change of what plugins stand on is seen, never made by accident."""

from .public_face import FACES, SNAPSHOT, exported, public_face


def test_the_public_face_is_the_one_written_down() -> None:
    assert public_face() == SNAPSHOT.read_text(), "meant? then run: python -m tests.contract.public_face"


def test_faces_export_what_they_have_and_nothing_twice() -> None:
    assert "core.database" in FACES
    for face in FACES:
        names = exported(face)
        assert len(names) == len(set(names)), face
        assert not [name for name in names if name.startswith("_")], face
