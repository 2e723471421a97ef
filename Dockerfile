FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/base.txt
COPY . .
RUN useradd --create-home ent && mkdir /data && chown ent /data
USER ent
ENV PYTHONPATH=/app/src:/app DJANGO_SETTINGS_MODULE=ent.config.settings
CMD ["python", "manage.py", "check", "--deploy"]
