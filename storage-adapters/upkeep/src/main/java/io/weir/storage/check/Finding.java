package io.weir.storage.check;

/**
 * One file that is not as it should be.
 *
 * @param kind what is wrong
 * @param key key of the object
 * @param detail what was found, and what was expected
 * @param repaired whether it was repaired
 */
public record Finding(FindingKind kind, String key, String detail, boolean repaired) {

    Finding(FindingKind kind, String key, String detail) {
        this(kind, key, detail, false);
    }

    Finding asRepaired() {
        return new Finding(kind, key, detail, true);
    }
}
