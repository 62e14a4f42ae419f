namespace MlOps.Sdk.Collection;

/// <summary>What the stored values of a column mean.</summary>
internal enum ValueKind
{
    Boolean,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Half,
    Single,
    Double,
    Decimal,
    Date,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Int96,
    Text,
    Uuid,
    Vector,
}
