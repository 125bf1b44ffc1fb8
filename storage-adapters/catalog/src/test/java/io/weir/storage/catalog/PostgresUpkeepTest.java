package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import org.junit.jupiter.api.Test;
import org.springframework.r2dbc.core.DatabaseClient;

class PostgresUpkeepTest extends UpkeepContract {

    private static final int MANY = 50_000;

    private final String schema = PostgresCatalogTest.newSchema();

    @Override
    CatalogConnections open(String name) {
        return PostgresCatalogTest.open(PostgresPeer.find(), schema + name, PoolLimits.of(8));
    }

    @Test
    void aPageOfManyFilesIsReadFromAnIndexAndNothingIsSorted() {
        CatalogConnections old = open("old");
        DatabaseClient client = DatabaseClient.create(old.factory());
        await(new Migrations(old.factory(), Migrations.FILES.subList(0, 4)).run());
        await(client.sql(
                        "INSERT INTO databases (id, organisation, name, created_micros) VALUES (1, 'default', 'iot', 0)")
                .then());
        await(client.sql("INSERT INTO measurements (id, database_id, name) VALUES (2, 1, 'cpu')")
                .then());
        await(client.sql("INSERT INTO files (object_key, measurement_id, flush_id, min_micros, max_micros, row_count,"
                        + " size_bytes) SELECT md5(i::text), 2, 'f', i, i, 1, 1 FROM generate_series(1, " + MANY
                        + ") i")
                .then());
        assertThat(planOfAPage(client, " COLLATE \"C\"")).contains("Sort");
        await(new Migrations(old.factory(), Migrations.FILES).run());
        assertThat(planOfAPage(client, ""))
                .contains("Index Scan using files_pkey")
                .doesNotContain("Sort");
        await(old.close());
    }

    private static String planOfAPage(DatabaseClient client, String order) {
        await(client.sql("ANALYZE files").then());
        String page = R2dbcUpkeep.PAGE
                .replace(":after", "'8'")
                .replace(":most", "2000")
                .replace("ORDER BY object_key", "ORDER BY object_key" + order);
        return String.join(
                "\n",
                list(client.sql("EXPLAIN " + page).map(row -> Rows.text(row, 0)).all()));
    }
}
