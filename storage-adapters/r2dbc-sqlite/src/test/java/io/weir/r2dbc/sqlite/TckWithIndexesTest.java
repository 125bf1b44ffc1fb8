package io.weir.r2dbc.sqlite;

/** The test kit with {@code ?} and parameters bound by index. */
class TckWithIndexesTest extends TckFixture<Integer> {
    @Override
    public String getPlaceholder(int index) {
        return "?";
    }

    @Override
    public Integer getIdentifier(int index) {
        return index;
    }
}
