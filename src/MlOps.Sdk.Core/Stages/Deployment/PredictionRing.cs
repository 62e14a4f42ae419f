using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A bounded queue of predictions between many callers and one reader, after Vyukov's multi-producer queue: a caller claims a slot by one
/// compare-and-swap, copies its row and publishes it. Nobody waits: when there is no room, for one more prediction or for its texts,
/// the prediction is not added. Nothing is allocated.
/// </summary>
internal sealed class PredictionRing
{
    // In characters.
    private const int MostText = 16 << 20;

    // Rows with less text are bounded by their number alone: their callers share no counter.
    private const int ShortText = 1_024;

    private readonly Slot[] _slots;
    private readonly int[] _texts;
    private readonly int _mask;
    private long _text;
    private Counters _counters;

    /// <summary>Creates a ring.</summary>
    /// <param name="capacity">Predictions that it holds, a power of two.</param>
    /// <param name="input">The columns of a row.</param>
    /// <param name="outputs">Scores of a row.</param>
    public PredictionRing(int capacity, Schema input, int outputs)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity))
        {
            throw new ArgumentException("The capacity is a power of two.", nameof(capacity));
        }
        _slots = new Slot[capacity];
        _mask = capacity - 1;
        _texts = [.. Enumerable.Range(0, input.Count).Where(i => input[i].Type == ColumnType.Text)];
        for (var i = 0; i < capacity; i++) _slots[i] = new Slot(i, input.Count, outputs);
    }

    /// <summary>How many predictions were added until now.</summary>
    public long Added => Volatile.Read(ref _counters.Write);

    /// <summary>How many of them were taken.</summary>
    public long Taken => Volatile.Read(ref _counters.Read);

    /// <summary>Whether everything that was added has been taken.</summary>
    public bool IsEmpty => Taken == Added;

    /// <summary>How many characters the texts of a row have together.</summary>
    public long TextOf(ReadOnlySpan<ColumnBuilder> inputs, int row)
    {
        long length = 0;
        foreach (var i in _texts) length += inputs[i].View.GetText(row)?.Length ?? 0;
        return length;
    }

    /// <summary>Adds a prediction.</summary>
    /// <param name="id">The prediction's id.</param>
    /// <param name="timestamp">When.</param>
    /// <param name="inputs">The columns of the model's input.</param>
    /// <param name="row">The row of the columns, from 0.</param>
    /// <param name="scores">The scores of the row.</param>
    /// <param name="decision">The class that was decided for.</param>
    /// <param name="text">The row's <see cref="TextOf"/>.</param>
    /// <param name="generation">The generation of the route that chose the version.</param>
    /// <param name="tag">What else goes with it.</param>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(
        PredictionId id,
        long timestamp,
        ReadOnlySpan<ColumnBuilder> inputs,
        int row,
        ReadOnlySpan<double> scores,
        int decision,
        long text,
        long generation = RouteGeneration.None,
        object? tag = null)
    {
        if (text > ShortText && Interlocked.Add(ref _text, text) > MostText)
        {
            Interlocked.Add(ref _text, -text);
            return false;
        }

        while (true)
        {
            var position = Volatile.Read(ref _counters.Write);
            var slot = _slots[position & _mask];
            var turn = Volatile.Read(ref slot.Turn) - position;
            if (turn == 0)
            {
                if (Interlocked.CompareExchange(ref _counters.Write, position + 1, position) != position) continue;
                slot.Fill(id, timestamp, inputs, row, scores, decision);
                (slot.Text, slot.Generation, slot.Tag) = (text, generation, tag);
                Volatile.Write(ref slot.Turn, position + 1);
                return true;
            }

            if (turn < 0)
            {
                GiveBack(text);
                return false;
            }
        }
    }

    /// <summary>Takes the oldest prediction; one reader at a time.</summary>
    public bool TryTake(Action<Slot> use)
    {
        var position = _counters.Read;
        var slot = _slots[position & _mask];
        if (Volatile.Read(ref slot.Turn) != position + 1) return false;
        use(slot);
        GiveBack(slot.Text);
        Volatile.Write(ref _counters.Read, position + 1);
        Volatile.Write(ref slot.Turn, position + _slots.Length);
        return true;
    }

    private void GiveBack(long text)
    {
        if (text > ShortText) Interlocked.Add(ref _text, -text);
    }

    // The writers' and the reader's counters live on cache lines of their own.
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 320)]
    [SuppressMessage("Performance", "CA1823", Justification = "Padding by layout.")]
    private struct Counters
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        public long Write;

        [System.Runtime.InteropServices.FieldOffset(192)]
        public long Read;
    }

    /// <summary>One recorded prediction: numbers as their bits, text by reference.</summary>
    internal sealed class Slot(long turn, int columns, int outputs)
    {
        public long Turn = turn;
        public PredictionId Id;
        public long Timestamp;
        public int Decision;
        public long Text;
        public long Generation;
        public object? Tag;
        public readonly double[] Scores = new double[outputs];
        private readonly long[] _bits = new long[columns];
        private readonly object?[] _references = new object?[columns];
        private readonly bool[] _missing = new bool[columns];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Fill(
            PredictionId id, long timestamp, ReadOnlySpan<ColumnBuilder> inputs, int row, ReadOnlySpan<double> scores, int decision)
        {
            Id = id;
            Timestamp = timestamp;
            Decision = decision;
            scores.CopyTo(Scores);
            for (var i = 0; i < _bits.Length; i++)
            {
                var column = inputs[i].View;
                var missing = column.IsNull(row);
                _missing[i] = missing;
                if (missing) continue;
                switch (column)
                {
                    case TextColumn text: _references[i] = text.Texts[text.Buffer[row]]; break;
                    case Column<double> number: _bits[i] = BitConverter.DoubleToInt64Bits(number.Buffer[row]); break;
                    case Column<long> integer: _bits[i] = integer.Buffer[row]; break;
                    case Column<bool> boolean: _bits[i] = boolean.Buffer[row] ? 1 : 0; break;
                    case VectorColumn vector:
                        var copy = _references[i] as float[] ?? new float[vector.ElementCount];
                        vector.GetVector(row).CopyTo(copy);
                        _references[i] = copy;
                        break;
                }
            }
        }

        /// <summary>Appends the row to builders of the same types.</summary>
        public void AppendTo(ReadOnlySpan<ColumnBuilder> builders)
        {
            for (var i = 0; i < _bits.Length; i++)
            {
                if (_missing[i])
                {
                    builders[i].AppendNull();
                    continue;
                }

                switch (builders[i])
                {
                    case TextColumnBuilder text:
                        text.Append((string)_references[i]!);
                        _references[i] = null;
                        break;
                    case NumberColumnBuilder number: number.Append(BitConverter.Int64BitsToDouble(_bits[i])); break;
                    case IntegerColumnBuilder integer: integer.Append(_bits[i]); break;
                    case BooleanColumnBuilder boolean: boolean.Append(_bits[i] != 0); break;
                    case TimestampColumnBuilder timestamp: timestamp.Append(new DateTime(_bits[i], DateTimeKind.Utc)); break;
                    case VectorColumnBuilder vector: vector.Append((float[])_references[i]!); break;
                }
            }
        }
    }
}
