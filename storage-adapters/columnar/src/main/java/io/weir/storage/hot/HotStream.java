package io.weir.storage.hot;

/**
 * The answer to a {@link HotRequest}: Arrow IPC streams, one behind the other. Each holds rows of one part with one set of
 * columns, and its schema names the part's flush; how many streams there are is said in a header, so that an answer that
 * was cut off is never taken for a short one.
 *
 * <pre>
 *   answer   stream stream …                                    Weir-Hot-Streams: how many
 *   stream   schema (weir.flush_id) ─ batch batch … ─ end
 *   batch    dictionary a tag ─ record batch record batch …     of one column batch
 *   columns  time [time_nanos] tag … field …                    timestamp(us, UTC); int16; dictionary(int32, utf8)
 * </pre>
 */
public final class HotStream {

    /** Where the internal port is asked, by POST. */
    public static final String PATH = "/internal/v1/hot";

    /** Media type of an answer. */
    public static final String MEDIA_TYPE = "application/vnd.weir.hot-rows";

    /** Header of an answer: how many streams follow. */
    public static final String STREAMS = "weir-hot-streams";

    static final String FLUSH_ID = "weir.flush_id";
    static final String MEASUREMENT = "weir.measurement";

    private HotStream() {}
}
