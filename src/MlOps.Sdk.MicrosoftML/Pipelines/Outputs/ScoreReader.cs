using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads a pipeline's prediction from a row, or from a cursor. Confined to a thread; reading allocates nothing.</summary>
internal sealed class ScoreReader
{
    private readonly PipelineOutput _output;
    private readonly ValueGetter<float>? _scalar;
    private readonly ValueGetter<VBuffer<float>>? _vector;
    private readonly float[] _scores;
    private readonly double[] _raw;
    private VBuffer<float> _buffer;

    /// <summary>Creates a reader.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column of the prediction.</param>
    /// <param name="output">How it becomes outputs.</param>
    /// <param name="classCount">The number of classes of the problem.</param>
    public ScoreReader(DataViewRow row, DataViewSchema.Column column, PipelineOutput output, int classCount)
    {
        _output = output;
        _raw = new double[output.RawCount(classCount)];
        _scores = new float[output.Classes.Count];
        if (output.Kind == OutputKind.ClassScores) _vector = row.GetGetter<VBuffer<float>>(column);
        else _scalar = row.GetGetter<float>(column);
    }

    /// <summary>Reads the outputs of the current row.</summary>
    /// <exception cref="MlOpsException">The pipeline gives no number, as many do where a value is missing.</exception>
    public void Read(Span<double> to)
    {
        _output.Finish(ReadRaw(), to);
        foreach (var value in to)
        {
            if (!double.IsFinite(value)) throw NoNumber(value);
        }
    }

    /// <summary>Reads the raw values of the current row, see <see cref="PipelineOutput.Finish"/>.</summary>
    public ReadOnlySpan<double> ReadRaw()
    {
        if (_scalar is not null)
        {
            var value = 0f;
            _scalar(ref value);
            _raw[0] = _output.OfPositive(value);
            return _raw;
        }

        _vector!(ref _buffer);
        if (_buffer.Length != _scores.Length)
        {
            throw new MlOpsException(
                $"The pipeline gave {_buffer.Length} scores, and it has {_scores.Length} classes.", "Train the pipeline again.");
        }
        _buffer.CopyTo(_scores);
        _raw.AsSpan().Fill(double.NaN);
        for (var slot = 0; slot < _scores.Length; slot++) _raw[_output.Classes[slot]] = _scores[slot];
        return _raw;
    }

    // Compared with a threshold, NaN would count as a decision against the positive class.
    private static MlOpsException NoNumber(double value) => new(
        FormattableString.Invariant($"The pipeline gave {value} for a row."),
        "Fill missing values: append ml.Transforms.ReplaceMissingValues(…) for each column that may be missing, " +
            "or fill it in ProcessData.");
}
