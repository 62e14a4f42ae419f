using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What every built-in model begins with in its saved form: four bytes that name the format, then the signature.</summary>
internal static class ModelHeader
{
    /// <summary>The bytes "MLSM", by which a file that is something else is recognized early.</summary>
    private const uint Magic = 0x4D534C4D;

    /// <summary>Begins a saved model.</summary>
    public static BinaryOutput Write(IBufferWriter<byte> to, ModelSignature signature)
    {
        var writer = new BinaryOutput(to);
        writer.UInt32(Magic);
        writer.Byte((byte)signature.Task);
        writer.Int32(signature.Features);
        writer.Int32(signature.Outputs);
        return writer;
    }

    /// <summary>Begins to read a saved model.</summary>
    /// <param name="bytes">The saved model; nothing in it is believed unchecked.</param>
    /// <param name="formatId">The format that it should have, for messages.</param>
    /// <param name="signature">The signature, which is possible.</param>
    /// <exception cref="MlOpsException">The bytes are no such model.</exception>
    public static BinaryInput Read(ReadOnlySpan<byte> bytes, string formatId, out ModelSignature signature)
    {
        var reader = new BinaryInput(
            bytes,
            $"model of the format '{formatId}'",
            "Load it from a backup or another copy of the package, or train it again.");
        if (reader.UInt32() != Magic) throw reader.Damaged("the first bytes are not those of a model");
        var task = (TaskKind)reader.Byte();
        var features = reader.Int32();
        var outputs = reader.Int32();
        signature = new ModelSignature(task, features, outputs);
        return Refuse(signature) is { } why ? throw reader.Damaged(why) : reader;
    }

    /// <summary>Why a signature cannot be; <see langword="null"/> when it can.</summary>
    public static string? Refuse(ModelSignature signature)
    {
        if (!Enum.IsDefined(signature.Task)) return "the task is unknown";
        if (signature.Features < 1) return "the number of features is not positive";
        var fits = signature.Task == TaskKind.MulticlassClassification ? signature.Outputs >= 2 : signature.Outputs == 1;
        return fits ? null : "the number of outputs does not fit the task";
    }
}
