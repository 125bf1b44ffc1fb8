package io.weir.storage.parquet;

import io.weir.common.batch.Utf8Dictionary;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.io.api.Binary;

/** The split block bloom filter of one tag in one row group (Parquet format, {@code BloomFilter.md}): XXH64 of its values. */
final class TagBloomFilter {

    /** One value in a hundred that is not there is taken to be. */
    private static final double FALSE_POSITIVES = 0.01;

    private final BlockSplitBloomFilter filter;
    private final Utf8Dictionary dictionary;

    /** An empty filter, large enough for {@code values} values of {@code dictionary}. */
    TagBloomFilter(Utf8Dictionary dictionary, int values) {
        int bits = BlockSplitBloomFilter.optimalNumOfBits(values, FALSE_POSITIVES);
        this.filter = new BlockSplitBloomFilter(bits / Byte.SIZE);
        this.dictionary = dictionary;
    }

    /** Adds the value with that code. */
    void add(int code) {
        int start = dictionary.start(code);
        filter.insertHash(
                filter.hash(Binary.fromConstantByteArray(dictionary.bytes(), start, dictionary.end(code) - start)));
    }

    BloomFilter filter() {
        return filter;
    }
}
