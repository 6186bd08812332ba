using System.Security.Cryptography;
using System.Text;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>The text of a small file with a secret: read once, without the final line ending, and cleared on dispose.</summary>
/// <remarks>A fault contains neither the contents nor the path: a key may have been given in place of a path.</remarks>
internal sealed class SecretFile : IDisposable
{
    /// <summary>The max size of a file, in bytes.</summary>
    public const int MaxSize = 64 << 10;

    // More than a key, and many encrypted keys: thousands of files may be read one after another.
    private const int FirstRead = 1 << 10;

    // Reading a named pipe without a writer would block forever.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly char[] _text;
    private readonly int _length;

    private SecretFile(char[] text, int length, string? warning)
    {
        _text = text;
        _length = length;
        Warning = warning;
    }

    /// <summary>The text, without the final line ending.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>A safety warning about the file; null when there is none.</summary>
    public string? Warning { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="setting">The flag and the variable that name the file, for faults.</param>
    /// <param name="path">A relative path starts at the working directory.</param>
    /// <param name="fault">Why the file is unusable; null when it is usable.</param>
    /// <returns>Null when there is a fault.</returns>
    public static SecretFile? Read(string setting, string path, out string? fault)
    {
        try
        {
            // Opening blocks as well and cannot be cancelled.
            var reading = Task.Run(() => ReadBytes(path));
            if (Task.WaitAny([reading], Timeout) < 0)
            {
                fault = $"{setting}: the file could not be read within {Timeout.TotalSeconds} s";
                return null;
            }

            var (bytes, isOpenToAll) = reading.GetAwaiter().GetResult();
            var file = Decode(
                bytes,
                isOpenToAll ? $"{setting}: every user of this machine may read the file; expected mode 0400 or 0600" : null,
                out var wrong);
            fault = wrong is null ? null : $"{setting}: {wrong}";
            return file;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = $"{setting}: {Why(exception, path)}";
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.Clear(_text);

    private static (byte[] Bytes, bool IsOpenToAll) ReadBytes(string path)
    {
        using var stream = new FileStream(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        var isOpenToAll = !OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle).HasFlag(UnixFileMode.OtherRead);
        var buffer = new byte[FirstRead];
        try
        {
            var length = 0;
            while (true)
            {
                length += stream.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
                if (length < buffer.Length || length > MaxSize) return (buffer[..length], isOpenToAll);
                var larger = new byte[Math.Min(2 * buffer.Length, MaxSize + 1)];
                buffer.CopyTo(larger, 0);
                CryptographicOperations.ZeroMemory(buffer);
                buffer = larger;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static SecretFile? Decode(byte[] bytes, string? warning, out string? wrong)
    {
        try
        {
            wrong = bytes.Length > MaxSize ? $"the file is larger than {MaxSize >> 10} KB" : null;
            if (wrong is not null) return null;
            var text = new char[bytes.Length];
            var length = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetChars(bytes, text);
            var content = text.AsSpan(0, length).TrimStart('\uFEFF').TrimEnd("\r\n");
            content.CopyTo(text);
            if (content.IsWhiteSpace()) wrong = "the file is empty";
            return wrong is null ? new SecretFile(text, content.Length, warning) : null;
        }
        catch (DecoderFallbackException)
        {
            wrong = "the file is not text; expected UTF-8";
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static string Why(Exception exception, string path) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException =>
            $"there is no such file; a relative path begins at {Environment.CurrentDirectory}",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder; expected a file",
        UnauthorizedAccessException => $"this process (user {Environment.UserName}) may not read the file",
        _ => "the file cannot be read",
    };
}
