using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Bindings of steps that change or add one column and let the others pass.</summary>
internal static class ColumnChange
{
    public static int Find(Schema input, string column, string step) =>
        input.TryGetIndex(column, out var index) ? index : throw NearestName.MissingColumn(column, step, input);

    public static RowBinding Replace(Schema input, int index, Field field, OutputColumn column) => new(
        new Schema(input.Select((old, i) => i == index ? field : old)),
        [.. Enumerable.Range(0, input.Count).Select(i => i == index ? column : OutputColumn.PassThrough(i))]);

    public static RowBinding Add(Schema input, Field field, OutputColumn column) => new(
        new Schema(input.Append(field)),
        [.. Enumerable.Range(0, input.Count).Select(OutputColumn.PassThrough), column]);
}
