# One image for web, worker, clock and migrations; compose.yaml says which command runs.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pybabel compile -d translations \
    && useradd --system --home-dir /app mahnlauf \
    && install -d -o mahnlauf /var/lib/mahnlauf

USER mahnlauf
ENV DUNNING_ENV=production DUNNING_HOME=/var/lib/mahnlauf PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["gunicorn", "app:app", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--forwarded-allow-ips", "*"]
