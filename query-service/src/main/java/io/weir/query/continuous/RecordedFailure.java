package io.weir.query.continuous;

/** What a run failed of, once it is recorded with the query: it is the query's matter, and not that of the server. */
final class RecordedFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RecordedFailure(Throwable cause) {
        super(cause);
    }
}
