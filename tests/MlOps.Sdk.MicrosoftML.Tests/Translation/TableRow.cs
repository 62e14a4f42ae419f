namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A row as Microsoft.ML loads it.</summary>
internal sealed class TableRow
{
    public float[] Numbers { get; set; } = [];

    public string[] Texts { get; set; } = [];

    public bool IsPositive { get; set; }

    public float Number { get; set; }

    public string Class { get; set; } = "";
}
