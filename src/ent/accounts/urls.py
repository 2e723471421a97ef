"""Addresses of accounts, the same on every host."""

from django.urls import path

from ent.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="language"),
    path("activate/", views.activate, name="activate"),
    path("activate/again/", views.activate_again, name="activate_again"),
    path("password/forgotten/", views.password_forgotten, name="password_forgotten"),
    path("password/reset/<uidb64>/<token>/", views.password_reset, name="password_reset"),
    path("account/", views.account, name="account"),
    path("account/email/", views.change_email, name="change_email"),
    path("account/password/", views.change_password, name="change_password"),
    path("account/tokens/", views.create_token, name="create_token"),
    path("account/tokens/revoke/", views.revoke_token, name="revoke_token"),
    path("act-as/", views.act_as, name="act_as"),
    path("my-schools/", views.my_schools, name="my_schools"),
    path("passage/arrive/", views.arrive, name="arrive"),
    path("passage/<slug:subdomain>/", views.passage, name="passage"),
]
