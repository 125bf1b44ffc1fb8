SET TimeZone = 'UTC';
CREATE TABLE cpu AS SELECT
  TIMESTAMPTZ '2024-03-10 05:00:00Z' + to_minutes(n) AS time,
  'h' || (n % 5) AS host,
  CASE n % 4 WHEN 0 THEN 'eu' WHEN 1 THEN 'us' WHEN 2 THEN 'Ásia' END AS region,
  CASE WHEN n % 7 = 3 THEN NULL ELSE n / 4.0::DOUBLE END AS v,
  n,
  n::UBIGINT * 150000000000000000::UBIGINT AS u,
  CASE WHEN n % 6 = 1 THEN NULL ELSE 'text ' || (n % 9) || CASE WHEN n % 10 = 0 THEN ' FROM mem' ELSE '' END END AS s,
  CASE WHEN n BETWEEN 40 AND 79 THEN NULL ELSE n % 3 = 0 END AS b,
  CASE WHEN n >= 80 THEN n * 2 END AS late
  FROM (SELECT range AS n FROM range(120));
CREATE TABLE mem AS SELECT
  TIMESTAMPTZ '2024-03-10 05:00:30Z' + to_minutes(range * 2) AS time,
  'h' || (range % 6) AS host,
  range * 10 AS used,
  (100 - range) / 2.0::DOUBLE AS pct
  FROM range(60);
CREATE TABLE "größe 日本" AS SELECT
  TIMESTAMPTZ '2024-03-10 06:00:00Z' + to_hours(range::INTEGER) AS time,
  CASE range % 2 WHEN 0 THEN 'Ähre' ELSE 'a''b"c' END AS "straße",
  range / 8.0::DOUBLE AS "Wert €",
  range AS "select"
  FROM range(6);
CREATE TABLE empty AS SELECT time, host, n FROM cpu WHERE false;
CREATE TABLE "order" AS SELECT
  TIMESTAMPTZ '2024-03-10 05:00:00Z' + to_seconds(range) AS time,
  'f' || range AS "from",
  range % 3 AS "group",
  range * 1.5::DOUBLE AS "where"
  FROM range(1, 9) WHERE range % 3 > 0;
CREATE SCHEMA other;
CREATE TABLE other.cpu AS SELECT
  TIMESTAMPTZ '2024-03-10 05:10:00Z' + to_minutes(range) AS time,
  'h' || (range % 3) AS host,
  range / 2.0::DOUBLE AS v,
  range AS n
  FROM range(20);
CREATE TABLE other."my-m.x" AS SELECT
  TIMESTAMPTZ '2024-03-10 05:00:00Z' + to_minutes(range) AS time,
  'h' || range AS host,
  range AS n
  FROM range(5);
