"""What is sent: looked into, bounded before it is read."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from ent.kernel.documents import LARGEST_REQUEST, PAPERS, checked, pdf, shown_name
from tests import factories

FORM = "multipart/form-data; boundary=x"


def test_a_request_too_large_is_refused_unread_in_french(school, sign_in):
    teacher = sign_in(factories.staff())
    # Nothing is sent but the announced size: whoever read the body would wait for it, or find no token.
    answer = teacher.generic("POST", "/account/", b"x", FORM, CONTENT_LENGTH=str(LARGEST_REQUEST + 1))
    assert answer.status_code == 413
    assert "dépasse 105 Mo" in answer.text


def test_a_visitor_sends_forms_and_no_files(visitor):
    answer = visitor.generic("POST", "/sign-in/", b"x", FORM, CONTENT_LENGTH=str(2 * 1024**2))
    assert answer.status_code == 413
    assert "identifiez-vous" in answer.text
    assert visitor.post("/sign-in/", {"username": "a", "password": "b"}).status_code != 413


def test_an_archive_of_photos_is_larger_and_taken(school, sign_in):
    head = sign_in(factories.staff("school_admin"))
    with pytest.raises(AssertionError, match="Cannot read more"):  # it is being read
        head.generic("POST", "/administration/photos/", b"x", FORM, CONTENT_LENGTH=str(LARGEST_REQUEST + 1))


def test_families_send_papers_only():
    with pytest.raises(ValidationError, match="une photo"):
        checked(SimpleUploadedFile("note.txt", b"Bonjour"), PAPERS)
    assert checked(SimpleUploadedFile("a.JPG", factories.image()), PAPERS)


@pytest.mark.parametrize(("sent", "shown"), [("../../a.pdf", "a.pdf"), ("Éric & Co.pdf", "Éric & Co.pdf")])
def test_a_name_hides_no_path(sent, shown):
    assert shown_name(SimpleUploadedFile(sent, b"x")) == shown


def test_a_pdf_is_kept_under_its_name_or_shown():
    assert pdf(b"%PDF-", "lettres.pdf")["Content-Disposition"] == 'attachment; filename="lettres.pdf"'
    assert pdf(b"%PDF-", "lettres.pdf", shown=True)["Content-Disposition"].startswith("inline")
