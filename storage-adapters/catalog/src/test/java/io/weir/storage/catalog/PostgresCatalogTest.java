package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.weir.testing.PostgresPeer;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The catalog in PostgreSQL, each test in a schema of its own. REQUIREMENTS S5. */
class PostgresCatalogTest extends CatalogContract {

    private final String schema = newSchema();

    @Override
    CatalogConnections open(String name) {
        return open(PostgresPeer.find(), schema + name, PoolLimits.of(8));
    }

    /** Fewer, for the leak detector looks at each value that goes over the wire. */
    @Override
    int many() {
        return 4_000;
    }

    /** Each scan of the index with the condition on it. */
    @Override
    List<String> planOfASearch(String sql) {
        await(sql().sql("ANALYZE files").then());
        String plan = String.join(
                "\n",
                list(sql().sql("EXPLAIN " + sql).map(row -> Rows.text(row, 0)).all()));
        assertThat(plan).doesNotContain("Seq Scan on files");
        Matcher scans = Pattern.compile("using files_by_span on files.*\\n.*Index Cond: .*")
                .matcher(plan);
        return scans.results().map(MatchResult::group).toList();
    }

    static String newSchema() {
        return "test_" + UUID.randomUUID().toString().replace("-", "");
    }

    static CatalogConnections open(PostgresPeer peer, String schema, PoolLimits limits) {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse(peer.url(schema))
                .mutate()
                .option(ConnectionFactoryOptions.USER, peer.user())
                .option(ConnectionFactoryOptions.PASSWORD, peer.password())
                .build();
        return CatalogConnections.postgres(options, limits);
    }
}
