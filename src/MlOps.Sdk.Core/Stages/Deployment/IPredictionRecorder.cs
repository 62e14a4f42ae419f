using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>Sees every prediction of an endpoint. Never blocks, never throws, allocates nothing.</summary>
internal interface IPredictionRecorder
{
    /// <summary>Records one prediction.</summary>
    /// <param name="id">The prediction's id.</param>
    /// <param name="inputs">The columns of the model's input.</param>
    /// <param name="row">The row of the columns, from 0.</param>
    /// <param name="scores">The scores of the row.</param>
    /// <param name="decision">The class that was decided for.</param>
    /// <param name="generation">The generation of the route that chose the version, or <see cref="RouteGeneration.None"/>.</param>
    void Record(PredictionId id, ReadOnlySpan<ColumnBuilder> inputs, int row, ReadOnlySpan<double> scores, int decision, long generation);

    /// <summary>Records one prediction of a caller that can wait: one without room is not counted as dropped.</summary>
    /// <param name="id">The prediction's id.</param>
    /// <param name="inputs">The columns of the model's input.</param>
    /// <param name="row">The row of the columns, from 0.</param>
    /// <param name="scores">The scores of the row.</param>
    /// <param name="decision">The class that was decided for.</param>
    /// <param name="generation">The generation of the route that chose the version, or <see cref="RouteGeneration.None"/>.</param>
    RecordOutcome TryRecord(
        PredictionId id, ReadOnlySpan<ColumnBuilder> inputs, int row, ReadOnlySpan<double> scores, int decision, long generation);

    /// <summary>Says that nothing will be recorded any more.</summary>
    void Close();
}
