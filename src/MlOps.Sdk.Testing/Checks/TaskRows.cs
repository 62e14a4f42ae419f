using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Testing;

/// <summary>The rows of <see cref="SampleRows"/> with a label for any task.</summary>
internal static class TaskRows
{
    public static Dataset Create(int count, TaskKind task)
    {
        var rows = SampleRows.Create(count);
        if (task == TaskKind.BinaryClassification) return rows;
        var (visits, member) = ((IntegerColumn)rows["visits"], (BooleanColumn)rows["member"]);
        var schema = new Schema(rows.Schema.Select(field => field.Name != SampleRows.Label
            ? field
            : new Field(SampleRows.Label, task == TaskKind.Regression ? ColumnType.Number : ColumnType.Text)));
        var label = ColumnBuilder.Create(schema[SampleRows.Label].Type, capacity: count);
        for (var row = 0; row < count; row++)
        {
            if (label is NumberColumnBuilder numbers) numbers.Append(3 * visits.GetNumber(row) + 20 * member.GetNumber(row));
            else ((TextColumnBuilder)label).Append(visits.GetNumber(row) switch { < 7 => "low", < 14 => "middle", _ => "high" });
        }

        return Dataset.FromBatches(
            schema, [new RecordBatch(schema, [.. rows.Columns.SkipLast(1), label.Build()])]);
    }
}
