namespace MlOps.Sdk.Statistics;

/// <summary>
/// How many characters of each class the texts of a column have, and how many texts are empty or blank. Sums
/// of parts are those of the whole.
/// </summary>
/// <param name="Letters">Unicode letters.</param>
/// <param name="Digits">Unicode decimal digits.</param>
/// <param name="Spaces">Unicode white space.</param>
/// <param name="Other">Everything else: punctuation, symbols, control characters, halves of surrogate pairs.</param>
/// <param name="Blank">Texts that are empty or only white space.</param>
/// <param name="Words">Runs of characters between white space.</param>
public readonly record struct CharacterCounts(long Letters, long Digits, long Spaces, long Other, long Blank, long Words)
{
    /// <summary>The counts of one text.</summary>
    /// <param name="text">The text.</param>
    public static CharacterCounts Of(ReadOnlySpan<char> text)
    {
        long letters = 0, digits = 0, spaces = 0, other = 0, words = 0;
        var inWord = false;
        foreach (var character in text)
        {
            var isSpace = char.IsWhiteSpace(character);
            if (isSpace) spaces++;
            else if (char.IsLetter(character)) letters++;
            else if (char.IsDigit(character)) digits++;
            else other++;
            if (!isSpace && !inWord) words++;
            inWord = !isSpace;
        }

        return new CharacterCounts(letters, digits, spaces, other, words == 0 ? 1 : 0, words);
    }

    /// <summary>The counts of both.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static CharacterCounts operator +(CharacterCounts left, CharacterCounts right) => left.Plus(right, 1);

    internal CharacterCounts Plus(CharacterCounts other, long times) => new(
        Letters + times * other.Letters,
        Digits + times * other.Digits,
        Spaces + times * other.Spaces,
        Other + times * other.Other,
        Blank + times * other.Blank,
        Words + times * other.Words);
}
