package io.weir.query.continuous;

/**
 * What a run has done.
 *
 * @param windows windows that it computed for the first time
 * @param recomputed windows that late rows had changed
 * @param rows rows of both
 */
record RunTally(int windows, int recomputed, long rows) {

    static final RunTally NOTHING = new RunTally(0, 0, 0);

    RunTally plus(RunTally more) {
        return new RunTally(windows + more.windows, recomputed + more.recomputed, rows + more.rows);
    }
}
