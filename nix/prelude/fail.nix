# fail :: string -> string -> never: ends the evaluation with what is wrong, and what to do about it.
message: hint: throw "${message}\nhint: ${hint}"
