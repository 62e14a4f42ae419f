using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The types of tensors of the Open Inference Protocol.</summary>
internal static class TensorType
{
    /// <summary>How many bytes an element has; 0 for texts, which say it themselves; −1 for unknown types.</summary>
    public static int SizeOf(string? type) => type switch
    {
        "BOOL" or "INT8" or "UINT8" => 1,
        "INT16" or "UINT16" or "FP16" => 2,
        "INT32" or "UINT32" or "FP32" => 4,
        "INT64" or "UINT64" or "FP64" => 8,
        "BYTES" => 0,
        _ => -1,
    };

    /// <summary>The type in which a column is described.</summary>
    public static string Of(ColumnType type) => type switch
    {
        ColumnType.Number => "FP64",
        ColumnType.Integer => "INT64",
        ColumnType.Boolean => "BOOL",
        ColumnType.Vector => "FP32",
        _ => "BYTES",
    };

    /// <summary>Whether values of a type can fit a column.</summary>
    public static bool Fits(string type, Field field) =>
        field.Type is ColumnType.Text or ColumnType.Timestamp ? type == "BYTES" : type != "BYTES";
}
