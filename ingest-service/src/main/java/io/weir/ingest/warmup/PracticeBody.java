package io.weir.ingest.warmup;

/** A body to post, and where to. */
final class PracticeBody {

    /** Path and query of the route, up to the name of a database. */
    final String target;

    final byte[] bytes;

    PracticeBody(String target, byte[] bytes) {
        this.target = target;
        this.bytes = bytes;
    }
}
