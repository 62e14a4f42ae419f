using System.Text.Json;

namespace MlOps.Sdk.Tests.Conformance;

/// <summary>One call of a reference implementation.</summary>
internal sealed record ReferenceCase(
    string Function, JsonElement[] Arguments, double[] Expected, IReadOnlyDictionary<string, double[]> Samples)
{
    public double[] Values(int argument) => Arguments[argument].ValueKind == JsonValueKind.String
        ? Samples[Arguments[argument].GetString()!]
        : ReferenceData.Numbers(Arguments[argument]);

    public double Number(int argument) => Arguments[argument].GetDouble();

    public int Int(int argument) => (int)Number(argument);

    public long[,] Table(int argument)
    {
        var rows = Arguments[argument].EnumerateArray().Select(ReferenceData.Numbers).ToArray();
        var table = new long[rows.Length, rows[0].Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < rows[0].Length; j++) table[i, j] = (long)rows[i][j];
        }

        return table;
    }

    public override string ToString() => $"{Function}({string.Join(", ", Arguments.Select(a => a.GetRawText()))})";
}
