using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace MlOps.Sdk.Plugins;

/// <summary>The instructions of a method body (ECMA-335, partition III).</summary>
internal sealed class IlBody
{
    private const byte TwoBytes = 0xFE;

    private static readonly OpCode?[] Short = new OpCode?[256];
    private static readonly OpCode?[] Long = new OpCode?[256];

    private readonly Dictionary<int, int> _numbers = [];

    static IlBody()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is not OpCode code) continue;
            (code.Size == 1 ? Short : Long)[code.Value & 0xFF] = code;
        }
    }

    /// <summary>Reads the bytes.</summary>
    /// <exception cref="BadImageFormatException">They are no instructions.</exception>
    public IlBody(byte[] il)
    {
        var places = new List<(OpCode Code, int Operand, int End)>();
        var at = 0;
        try
        {
            while (at < il.Length)
            {
                _numbers[at] = places.Count;
                var code = (il[at] == TwoBytes ? Long[il[++at]] : Short[il[at]]) ?? throw new BadImageFormatException();
                var operand = at + 1;
                at = operand + SizeOf(code, il, operand);
                places.Add((code, operand, at));
            }

            _numbers[at] = places.Count;
            Instructions = [.. places.Select(place => Read(place.Code, il.AsSpan(place.Operand, place.End - place.Operand), place.End))];
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or KeyNotFoundException)
        {
            throw new BadImageFormatException("The method has no readable IL.", e);
        }
    }

    public IReadOnlyList<IlInstruction> Instructions { get; }

    /// <summary>The number of the instruction at a place in the bytes; that of none where it is within one.</summary>
    public int NumberOf(int offset) => _numbers.GetValueOrDefault(offset, -1);

    private static int SizeOf(OpCode code, byte[] il, int operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(operand)),
        _ => 4,
    };

    private IlInstruction Read(OpCode code, ReadOnlySpan<byte> operand, int end) => code.OperandType switch
    {
        OperandType.InlineNone => new(code, 0, null),
        OperandType.ShortInlineBrTarget => new(code, 0, [_numbers[end + (sbyte)operand[0]]]),
        OperandType.InlineBrTarget => new(code, 0, [_numbers[end + BinaryPrimitives.ReadInt32LittleEndian(operand)]]),
        OperandType.InlineSwitch => new(code, 0, Targets(operand[4..], end)),
        OperandType.ShortInlineI or OperandType.ShortInlineVar => new(code, operand[0], null),
        OperandType.InlineVar => new(code, BinaryPrimitives.ReadUInt16LittleEndian(operand), null),
        OperandType.InlineI8 or OperandType.InlineR => new(code, BinaryPrimitives.ReadInt64LittleEndian(operand), null),
        _ => new(code, BinaryPrimitives.ReadInt32LittleEndian(operand), null),
    };

    private int[] Targets(ReadOnlySpan<byte> operand, int end)
    {
        var targets = new int[operand.Length / 4];
        for (var i = 0; i < targets.Length; i++) targets[i] = _numbers[end + BinaryPrimitives.ReadInt32LittleEndian(operand[(4 * i)..])];
        return targets;
    }
}
