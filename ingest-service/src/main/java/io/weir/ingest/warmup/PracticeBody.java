package io.weir.ingest.warmup;

/** A body to post, and where to. */
final class PracticeBody {

    /** Path and query of the route. */
    final String target;

    final byte[] bytes;

    PracticeBody(String target, byte[] bytes) {
        this.target = target;
        this.bytes = bytes;
    }
}
