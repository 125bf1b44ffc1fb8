package io.weir.common.model;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids to find things by, not secrets: a secure random number would read a device on whatever thread asks. */
public final class RandomIds {

    private RandomIds() {}

    /** 32 hexadecimal digits of chance. */
    public static String next() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong());
    }
}
