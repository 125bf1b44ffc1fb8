package io.weir.query.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.plan.StatementForm;
import io.weir.query.plan.TableReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of statements that were parsed before, so that a question can be looked up without a session of the engine:
 * nothing that changes with the data. Bounded by the length of the statements. Thread-safe.
 */
final class StatementMemo {

    private static final long MOST_BYTES = 8L << 20;
    private static final int OVERHEAD_BYTES = 300;

    private final Cache<Text, Known> statements = Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .<Text, Known>weigher((text, known) -> 2 * text.sql().length() + OVERHEAD_BYTES)
            .executor(Runnable::run)
            .build();

    private record Text(String organisation, String sql) {}

    /**
     * What is known of a statement.
     *
     * @param form what it is kept under
     * @param keepable whether its results may be kept
     * @param tables the measurements it names, each once
     */
    record Known(StatementForm form, boolean keepable, List<TableReference> tables) {}

    @Nullable
    Known find(String organisation, String sql) {
        return statements.getIfPresent(new Text(organisation, sql));
    }

    /** Remembers a statement. */
    Known remember(String organisation, String sql, ParsedStatement statement) {
        StatementForm form = StatementForm.of(sql, statement);
        Known known = statement instanceof ParsedStatement.Select select
                ? new Known(
                        form,
                        form.steady() && select.explain().isEmpty(),
                        select.tables().stream()
                                .map(place -> new TableReference(place.database(), place.name(), false, -1))
                                .distinct()
                                .toList())
                : new Known(form, false, List.of());
        statements.put(new Text(organisation, sql), known);
        return known;
    }
}
