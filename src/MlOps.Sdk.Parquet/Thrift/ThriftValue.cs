namespace MlOps.Sdk.Collection;

/// <summary>A value: whole numbers and doubles in <paramref name="Bits"/>, everything else in <paramref name="Content"/>.</summary>
internal readonly record struct ThriftValue(ThriftType Type, long Bits, object? Content)
{
    public static ThriftValue Of(int value) => new(ThriftType.Int32, value, null);

    public static ThriftValue Of(long value) => new(ThriftType.Int64, value, null);

    public static ThriftValue Of(bool value) => new(value ? ThriftType.True : ThriftType.False, 0, null);

    public static ThriftValue Of(string value) => Of(System.Text.Encoding.UTF8.GetBytes(value));

    public static ThriftValue Of(byte[] value) => new(ThriftType.Binary, 0, value);

    public static ThriftValue Of(ThriftStruct value) => new(ThriftType.Struct, 0, value);

    public static ThriftValue Of(ThriftType element, params ThriftValue[] items) =>
        new(ThriftType.List, 0, new ThriftList(element, items));
}
