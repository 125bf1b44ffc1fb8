package io.weir.query.engine;

import io.weir.query.plan.ParsedStatement;
import io.weir.query.snapshot.TableVersion;
import java.util.Set;

/** Sees what one run of a query reads, step by step. Its methods are called in this order, each at most once, and must not block. */
public interface ReadObserver {

    /** Sees nothing. */
    ReadObserver NONE = new ReadObserver() {
        @Override
        public void parsed(ParsedStatement statement, String tree) {
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

    /**
     * The statement is allowed.
     *
     * @param tree what {@link io.weir.query.plan.StatementParser#TREE_SQL} gave for it
     */
    void parsed(ParsedStatement statement, String tree);

    /** Its measurements are about to be read: whatever was written before this is in the result. Only of a {@code SELECT}. */
    void reading();

    /** Its measurements were read in these versions. Only of a {@code SELECT}. */
    void read(Set<TableVersion> versions);
}
