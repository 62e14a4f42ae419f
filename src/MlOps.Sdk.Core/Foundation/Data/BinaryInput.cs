using System.Buffers.Binary;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Reads what <see cref="BinaryOutput"/> wrote. The bytes may be damaged: every length is checked before it is believed.</summary>
internal ref struct BinaryInput(
    ReadOnlySpan<byte> bytes,
    string what,
    string remedy = "Restore it from a backup, or compute it again.")
{
    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public double Finite()
    {
        var value = Double();
        return double.IsFinite(value) ? value : throw Damaged("a number is not finite");
    }

    /// <summary>As many finite numbers as the caller knows to follow.</summary>
    public double[] FiniteValues(long count)
    {
        if (count > _rest.Length / sizeof(double)) throw Damaged("it ends too early");
        var values = new double[count];
        for (var i = 0; i < values.Length; i++) values[i] = Finite();
        return values;
    }

    /// <summary>A count that is not negative.</summary>
    public long Count()
    {
        var count = Int64();
        return count >= 0 ? count : throw Damaged("a count is negative");
    }

    public double[] Doubles()
    {
        var values = new double[Length(8)];
        for (var i = 0; i < values.Length; i++) values[i] = Double();
        return values;
    }

    public long[] Counts()
    {
        var values = new long[Length(8)];
        for (var i = 0; i < values.Length; i++) values[i] = Count();
        return values;
    }

    public string Text()
    {
        var length = Int32();
        if (length >= 0) return Encoding.UTF8.GetString(Take(length));
        if (-2L * length > _rest.Length) throw Damaged("a length exceeds the bytes");
        var bytes = Take(-2 * length);
        var text = new char[-length];
        for (var i = 0; i < text.Length; i++) text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
        return new string(text);
    }

    public ReadOnlySpan<byte> Bytes(int length) => Take(length);

    /// <summary>The number of items that follow, each at least <paramref name="itemSize"/> bytes long.</summary>
    public int Length(int itemSize)
    {
        var length = Int32();
        return length >= 0 && (long)length * itemSize <= _rest.Length ? length : throw Damaged("a length exceeds the bytes");
    }

    public void Version(byte known)
    {
        var version = Byte();
        if (version != known) throw Unknown(version, $"{known}");
    }

    /// <summary>One of several versions that can be read, the first being 1.</summary>
    public byte VersionUpTo(byte newest)
    {
        var version = Byte();
        return version >= 1 && version <= newest ? version : throw Unknown(version, $"1 to {newest}");
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw Damaged("there are bytes left over");
    }

    public readonly MlOpsException Damaged(string why) =>
        new($"The saved {what} is damaged: {why}.", remedy);

    private readonly MlOpsException Unknown(byte version, string known) => new(
        $"The {what} has format version {version}; this library reads version {known}.",
        "Read it with the version of the library that wrote it, or compute it again.");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw Damaged("it ends too early");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
