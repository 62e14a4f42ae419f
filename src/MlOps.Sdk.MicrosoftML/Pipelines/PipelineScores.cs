using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The raw values that a fitted pipeline gives rows in memory. Confined to a thread; it does not own the pipeline.</summary>
internal sealed class PipelineScores : IDisposable
{
    private readonly RowPipeline _pipeline;
    private readonly RowEngine _engine;
    private readonly ScoreReader _reader;
    private Column?[]? _bound;

    public PipelineScores((RowPipeline Pipeline, PipelineOutput Output) scored, int classCount)
    {
        (_pipeline, Output) = scored;
        _engine = _pipeline.CreateEngine();
        _reader = new ScoreReader(_engine.Output, _pipeline.Outputs[0], Output, classCount);
    }

    /// <summary>How the raw values become outputs.</summary>
    public PipelineOutput Output { get; }

    /// <summary>The raw values of a row.</summary>
    public double[] Raw(Column?[] columns, int row)
    {
        if (_bound != columns)
        {
            for (var i = 0; i < columns.Length; i++) _engine.Bind(i, columns[i]);
            _bound = columns;
        }

        _engine.MoveTo(row);
        return _reader.ReadRaw().ToArray();
    }

    /// <summary>Whether the scores of the classes are probabilities: none below 0, and together 1, in each of the rows.</summary>
    public bool AreProbabilities(Column?[] columns, int[] rows)
    {
        foreach (var row in rows)
        {
            double[] known = [.. Raw(columns, row).Where((_, index) => Output.Classes.Contains(index))];
            if (!PipelineOutput.AreProbabilities(known)) return false;
        }

        return true;
    }

    public void Dispose() => _engine.Dispose();
}
