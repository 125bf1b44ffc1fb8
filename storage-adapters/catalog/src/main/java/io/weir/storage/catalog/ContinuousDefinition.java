package io.weir.storage.catalog;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.time.Duration;
import java.util.List;

/**
 * What a continuous query says.
 *
 * @param name its name, one of a kind in its organisation
 * @param database database whose measurements need no qualification in the statement
 * @param statement SQL, with {@code {start_time}} and {@code {end_time}}, or without: then all it reads is of the window
 * @param destination measurement that its rows are written to
 * @param interval length of a window
 * @param lag how long after its end a window is computed
 * @param lateness how long after that rows that came late are taken into account
 * @param enabled whether it is run by itself
 * @param creator who said so, for people to read
 * @param sources names of the databases that the statement reads, which the creator might read
 */
public record ContinuousDefinition(
        String name,
        String database,
        String statement,
        TableId destination,
        Duration interval,
        Duration lag,
        Duration lateness,
        boolean enabled,
        String creator,
        List<String> sources) {

    public ContinuousDefinition {
        sources = List.copyOf(sources);
    }

    /** The database whose measurements need no qualification. */
    public DatabaseId databaseId() {
        return new DatabaseId(destination.organisation(), database);
    }
}
