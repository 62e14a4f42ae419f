using System.Buffers.Binary;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>
/// Reads what <see cref="ModelWriter"/> wrote and believes none of it: nothing is allocated that the bytes at hand cannot fill.
/// </summary>
internal ref struct ModelReader
{
    private readonly string _formatId;
    private ReadOnlySpan<byte> _rest;

    public ModelReader(ReadOnlySpan<byte> bytes, string formatId)
    {
        _rest = bytes;
        _formatId = formatId;
        if (UInt32() != ModelWriter.Magic) throw Damaged("the first bytes are not those of a model");
        var task = (TaskKind)Byte();
        var features = Int32();
        var outputs = Int32();
        if (!Enum.IsDefined(task)) throw Damaged("the task is unknown");
        if (features < 1) throw Damaged("the number of features is not positive");
        if (task == TaskKind.MulticlassClassification ? outputs < 2 : outputs != 1)
        {
            throw Damaged("the number of outputs does not fit the task");
        }
        Signature = new ModelSignature(task, features, outputs);
    }

    public ModelSignature Signature { get; }

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public double Finite()
    {
        var value = BinaryPrimitives.ReadDoubleLittleEndian(Take(8));
        return double.IsFinite(value) ? value : throw Damaged("a number is not finite");
    }

    /// <summary>Reads as many finite numbers as the model's shape asks for.</summary>
    public double[] Finite(long count)
    {
        if (count * 8 > _rest.Length) throw Damaged("it ends too early");
        var values = new double[count];
        for (var i = 0; i < values.Length; i++) values[i] = Finite();
        return values;
    }

    /// <summary>Reads how many items follow, each of at least the given number of bytes.</summary>
    public int Count(int bytesPerItem)
    {
        var count = Int32();
        if (count < 0 || (long)count * bytesPerItem > _rest.Length) throw Damaged("a count is impossible");
        return count;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw Damaged("there are bytes after its end");
    }

    public readonly MlOpsException Damaged(string why) => new(
        $"The saved model of the format '{_formatId}' is damaged: {why}.",
        "Load it from a backup or another copy of the package, or train it again.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw Damaged("it ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
