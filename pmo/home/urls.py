from django.urls import path

from pmo.home import views

app_name = "pmo"

urlpatterns = [
    path("", views.home, name="home"),
    path("theme/", views.theme, name="theme"),
    path("search/", views.find, name="search"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/<slug:digest>/end/", views.revoke_token, name="token-end"),
]
