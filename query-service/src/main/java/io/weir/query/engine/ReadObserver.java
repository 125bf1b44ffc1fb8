package io.weir.query.engine;

import io.weir.query.plan.ParsedStatement;
import io.weir.query.snapshot.TableVersion;
import java.util.Set;

/**
 * Sees what one run of a query reads, step by step. Its methods are called in this order, each at most once, and must
 * not block; but of a heavy query that waited for its turn and was planned anew it sees once more what was read, which counts.
 */
public interface ReadObserver {

    /** Sees nothing. */
    ReadObserver NONE = new ReadObserver() {
        @Override
        public void parsed(ParsedStatement statement) {
            // Nobody asked.
        }

        @Override
        public void reading() {
            // Nobody asked.
        }

        @Override
        public void read(Set<TableVersion> versions) {
            // Nobody asked.
        }
    };

    /** The statement is allowed. */
    void parsed(ParsedStatement statement);

    /** Its measurements are about to be read: whatever was written before this is in the result. Only of a {@code SELECT}. */
    void reading();

    /** Its measurements were read in these versions. Only of a {@code SELECT}. */
    void read(Set<TableVersion> versions);

    /** What sees the run when it is planned anew: only what is read then. */
    default ReadObserver again() {
        ReadObserver first = this;
        return new ReadObserver() {
            @Override
            public void parsed(ParsedStatement statement) {
                // It has been seen.
            }

            @Override
            public void reading() {
                // It has been said.
            }

            @Override
            public void read(Set<TableVersion> versions) {
                first.read(versions);
            }
        };
    }
}
