package io.weir.common.batch;

import java.util.List;

/**
 * The distinct tag sets of a batch. A row stores one series number; the table says which value each tag has in that
 * series. Tag values live in one dictionary a tag. Immutable once shared.
 *
 * <pre>
 *   tagNames      [ host , region ]
 *   dictionaries  [ {a,b}, {eu}   ]
 *   codes         [ [0,1], [0,-1] ]   series 0 = (a, eu), series 1 = (b, no region)
 * </pre>
 */
public final class SeriesTable {

    /** Code of a tag that a series does not have. */
    public static final int ABSENT = -1;

    private final int size;
    private final List<String> tagNames;
    private final int[][] codes;
    private final Utf8Dictionary[] dictionaries;

    /**
     * Takes ownership of the arrays.
     *
     * @param size number of series
     * @param tagNames names of the tags, each once
     * @param codes per tag, per series: a code of that tag's dictionary, or {@link #ABSENT}; at least {@code size} long
     * @param dictionaries per tag its values
     */
    public SeriesTable(int size, List<String> tagNames, int[][] codes, Utf8Dictionary[] dictionaries) {
        this.size = size;
        this.tagNames = List.copyOf(tagNames);
        this.codes = codes;
        this.dictionaries = dictionaries;
    }

    /** Number of series. */
    public int size() {
        return size;
    }

    /** Names of the tags; indexes of this list are the {@code tag} arguments below. */
    public List<String> tagNames() {
        return tagNames;
    }

    /** Code of that tag in that series, or {@link #ABSENT}. */
    public int code(int tag, int series) {
        return codes[tag][series];
    }

    /** Codes of that tag by series; not to be modified. */
    public int[] codes(int tag) {
        return codes[tag];
    }

    /** Values of that tag. */
    public Utf8Dictionary dictionary(int tag) {
        return dictionaries[tag];
    }

    /** Bytes of heap this table holds. */
    public long sizeBytes() {
        long bytes = 64;
        for (int tag = 0; tag < codes.length; tag++) {
            bytes += 4L * codes[tag].length + 16 + dictionaries[tag].sizeBytes();
        }
        return bytes;
    }
}
