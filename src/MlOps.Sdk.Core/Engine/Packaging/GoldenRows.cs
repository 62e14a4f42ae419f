using System.Text.Json.Serialization;

namespace MlOps.Sdk.Packaging;

/// <summary>A few training rows with the model's answers: whoever loads the package must get the same to the last bit.</summary>
internal sealed record GoldenRows
{
    /// <summary>Raw rows, as <see cref="Data.RowCodec"/> writes them.</summary>
    [JsonRequired]
    public byte[][] Rows { get; init; } = [];

    /// <summary>The scores, row after row, as the bits of 64-bit floating-point numbers.</summary>
    [JsonRequired]
    public long[] ScoreBits { get; init; } = [];
}
