from django.urls import path

from pmo.home import views

app_name = "pmo"

urlpatterns = [
    path("", views.home, name="home"),
    path("theme/", views.theme, name="theme"),
]
