package io.weir.query.engine;

/** Says that a query is heavy and has to wait for its turn, before anything of its result exists. Nobody outside sees it. */
final class HeavyQueryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    HeavyQueryException() {
        super("a heavy query has to wait for its turn", null, false, false);
    }
}
