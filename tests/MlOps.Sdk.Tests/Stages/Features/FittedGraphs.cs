using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Tests.Features;

/// <summary>Fits a feature graph on a small table.</summary>
internal static class FittedGraphs
{
    public static readonly ProblemDefinition Problem = new() { Task = TaskKind.BinaryClassification, Label = "y", PositiveClass = "1" };

    public static async Task<FeatureGraph> GraphAsync(Dataset rows, Action<FeatureBuilder> configure)
    {
        var builder = new FeatureBuilder();
        configure(builder);
        var plan = builder.Build([]);
        var transforms = plan.Transforms.Select(create => create(PluginServices.None)).ToArray();
        return await FeatureFitting.FitAsync(
            transforms, plan, Problem, rows.Schema, [], rows, 1, NullLogger.Instance, CancellationToken.None);
    }

    public static Dataset Rows(params (string Name, ColumnType Type, object?[] Values)[] columns)
    {
        var schema = new Schema(columns.Select(column => new Field(column.Name, column.Type)));
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < columns.Length; i++)
        {
            foreach (var value in columns[i].Values)
            {
                switch (builder[i], value)
                {
                    case (var any, null): any.AppendNull(); break;
                    case (NumberColumnBuilder number, double x): number.Append(x); break;
                    case (IntegerColumnBuilder integer, long x): integer.Append(x); break;
                    case (BooleanColumnBuilder boolean, bool x): boolean.Append(x); break;
                    case (TextColumnBuilder text, string x): text.Append(x); break;
                }
            }
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
