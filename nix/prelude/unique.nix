# unique :: [ value ] -> [ value ], the first of each.
builtins.foldl' (found: each: if builtins.elem each found then found else found ++ [ each ]) [ ]
