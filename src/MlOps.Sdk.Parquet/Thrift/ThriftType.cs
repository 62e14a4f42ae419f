namespace MlOps.Sdk.Collection;

/// <summary>The types of the compact protocol of Thrift, in which a Parquet file describes itself.</summary>
internal enum ThriftType : byte
{
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Struct = 12,
}
