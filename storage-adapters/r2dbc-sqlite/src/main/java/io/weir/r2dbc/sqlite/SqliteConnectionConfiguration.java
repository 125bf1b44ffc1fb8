package io.weir.r2dbc.sqlite;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What a {@link SqliteConnectionFactory} opens and how: immutable, checked when built.
 *
 * <pre>{@code
 * SqliteConnectionConfiguration.builder().path(Path.of("data/app.db")).busyTimeout(Duration.ofSeconds(2)).build()
 * }</pre>
 */
public final class SqliteConnectionConfiguration {
    private final DatabaseLocation location;
    private final Duration busyTimeout;
    private final Duration statementTimeout;
    private final JournalMode journalMode;
    private final SynchronousMode synchronous;
    private final boolean foreignKeys;
    private final boolean readOnly;
    private final int threads;
    private final @Nullable Scheduler scheduler;

    private SqliteConnectionConfiguration(Builder builder, DatabaseLocation location) {
        this.location = location;
        this.busyTimeout = builder.busyTimeout;
        this.statementTimeout = builder.statementTimeout;
        this.journalMode = builder.journalMode;
        this.synchronous = builder.synchronous;
        this.foreignKeys = builder.foreignKeys;
        this.readOnly = builder.readOnly;
        this.threads = builder.threads;
        this.scheduler = builder.scheduler;
    }

    /** A builder with the defaults and no database: set {@code path} or {@code inMemory}. */
    public static Builder builder() {
        return new Builder();
    }

    DatabaseLocation location() {
        return location;
    }

    /** How long a call waits for another connection's lock; zero does not wait. */
    public Duration busyTimeout() {
        return busyTimeout;
    }

    /** How long SQLite may run one statement; zero is without limit. */
    public Duration statementTimeout() {
        return statementTimeout;
    }

    /** The journal mode set on the database file. */
    public JournalMode journalMode() {
        return journalMode;
    }

    /** When SQLite waits for the disk. */
    public SynchronousMode synchronous() {
        return synchronous;
    }

    /** Whether foreign keys are enforced. */
    public boolean foreignKeys() {
        return foreignKeys;
    }

    /** Whether connections may only read. */
    public boolean readOnly() {
        return readOnly;
    }

    /** The size of the factory's own scheduler; unused when a scheduler is given. */
    public int threads() {
        return threads;
    }

    /** The caller's scheduler, or null when the factory makes and owns one. */
    public @Nullable Scheduler scheduler() {
        return scheduler;
    }

    @Override
    public String toString() {
        return "SqliteConnectionConfiguration[" + location + ", busyTimeout=" + busyTimeout + ", statementTimeout="
                + statementTimeout + ", journalMode=" + journalMode + ", synchronous=" + synchronous + ", foreignKeys="
                + foreignKeys + ", readOnly=" + readOnly + "]";
    }

    /** Collects the settings; not thread-safe. Every setter throws {@link IllegalArgumentException} with the expected values. */
    public static final class Builder {
        private @Nullable DatabaseLocation location;
        private Duration busyTimeout = Duration.ofSeconds(5);
        private Duration statementTimeout = Duration.ZERO;
        private JournalMode journalMode = JournalMode.WAL;
        private SynchronousMode synchronous = SynchronousMode.FULL;
        private boolean foreignKeys = true;
        private boolean readOnly;
        private int threads = 10;
        private @Nullable Scheduler scheduler;

        private Builder() {}

        /** The database file; made if missing, its directory must exist. Replaces {@code inMemory}. */
        public Builder path(Path path) {
            location = new DatabaseLocation.OnDisk(path);
            return this;
        }

        /** A database in memory of this factory alone, gone when the factory closes. Replaces {@code path}. */
        public Builder inMemory() {
            return inMemory("private-" + UUID.randomUUID());
        }

        /** A database in memory shared by all factories of the process with this name. Replaces {@code path}. */
        public Builder inMemory(String name) {
            location = new DatabaseLocation.InMemory(name);
            return this;
        }

        /** How long a call waits for another connection's lock. Default 5 s; zero does not wait. */
        public Builder busyTimeout(Duration busyTimeout) {
            this.busyTimeout = Durations.notNegative("busyTimeout", busyTimeout);
            return this;
        }

        /** How long SQLite may run one statement, locks not counted. Default zero: without limit. */
        public Builder statementTimeout(Duration statementTimeout) {
            this.statementTimeout = Durations.notNegative("statementTimeout", statementTimeout);
            return this;
        }

        /** The journal mode of a database file. Default WAL; not applied in memory or when read-only. */
        public Builder journalMode(JournalMode journalMode) {
            this.journalMode = journalMode;
            return this;
        }

        /** When SQLite waits for the disk. Default FULL. */
        public Builder synchronous(SynchronousMode synchronous) {
            this.synchronous = synchronous;
            return this;
        }

        /** Whether foreign keys are enforced. Default true. */
        public Builder foreignKeys(boolean foreignKeys) {
            this.foreignKeys = foreignKeys;
            return this;
        }

        /** Whether connections may only read; the file must then exist. Default false. */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /** The most threads of the factory's own scheduler; connections beyond it share threads. Default 10. */
        public Builder threads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("threads " + threads + " (expected: 1 or more)");
            }
            this.threads = threads;
            return this;
        }

        /**
         * Runs the connections on the caller's scheduler, which must allow blocking calls and should be bounded. The
         * caller disposes it, after closing the factory.
         */
        public Builder scheduler(Scheduler scheduler) {
            this.scheduler = scheduler;
            return this;
        }

        /** The configuration; {@link IllegalArgumentException} when no database was named, or it would stay empty. */
        public SqliteConnectionConfiguration build() {
            if (location == null) {
                throw new IllegalArgumentException("no database (expected: path(...) or inMemory(...))");
            }
            if (readOnly && location instanceof DatabaseLocation.InMemory) {
                throw new IllegalArgumentException(
                        "readOnly of an in-memory database, which would stay empty (expected: a file, or not readOnly)");
            }
            return new SqliteConnectionConfiguration(this, location);
        }
    }
}
