package io.weir.storage.catalog;

/**
 * What all processes of a catalog share about access.
 *
 * @param revision grows with every change of a token or an organisation
 * @param sealKey key that tells tokens of this catalog from made-up ones, as text
 */
public record AccessState(long revision, String sealKey) {

    /** Never shows the key. */
    @Override
    public String toString() {
        return "access at revision " + revision;
    }
}
